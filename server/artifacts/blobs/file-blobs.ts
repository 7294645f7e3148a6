import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { access, constants, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { AppError, notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import type { ByteRange } from "../byte-range";
import { type BlobName, type BlobStore, blobKey } from "./blob-store";

/** Blobs as files under a folder, written beside, synced, then renamed. */
export function createFileBlobs(folder: string): BlobStore {
  return {
    write: (name, content) => writeBlob(folder, name, content),
    read: (name, range) => readBlob(join(folder, blobKey(name)), range),
    async remove(name) {
      await rm(join(folder, blobKey(name)), { force: true });
    },
    removeWorkspace: (workspaceId, onRemoved) => removeFolder(folder, workspaceId, onRemoved),
    async check() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await access(folder, constants.W_OK | constants.R_OK);
      return undefined;
    },
  };
}

async function readBlob(path: string, range: ByteRange) {
  const handle = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? notFound("The object") : error;
  });
  try {
    const { size: totalBytes } = await handle.stat();
    // The stream closes the handle, also when its reader leaves.
    const stream = createReadStream(path, { fd: handle, highWaterMark: 256 * 1024, ...range });
    return { stream, totalBytes };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function writeBlob(
  folder: string,
  name: BlobName,
  content: AsyncIterable<Buffer>,
): Promise<void> {
  const path = join(folder, blobKey(name));
  const incoming = join(folder, "incoming");
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  const temporary = join(incoming, randomUUID());
  try {
    await pipeline(content, createWriteStream(temporary, { mode: 0o600, flush: true }));
    const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // A rename is atomic, so a reader sees the whole blob or none.
    await rename(temporary, path);
    await syncFolder(dirname(path));
    // A new folder survives a power cut only when its parents are on disk too.
    if (made) for (const one of [dirname(dirname(path)), folder]) await syncFolder(one);
  } catch (error) {
    await rm(temporary, { force: true });
    throw asStoreError(error);
  }
}

function asStoreError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new AppError("unavailable", "The artifact store is full. Nothing was kept.", {
    retryAfterSeconds: 60,
  });
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeFolder(
  folder: string,
  workspaceId: string,
  onRemoved: (count: number) => void,
): Promise<number> {
  if (!isUuid(workspaceId)) throw notFound("The workspace");
  const root = join(folder, workspaceId.toLowerCase());
  let removed = 0;
  for (const part of await readdir(root).catch(() => [])) {
    const names = await readdir(join(root, part));
    await rm(join(root, part), { recursive: true, force: true });
    removed += names.length;
    onRemoved(removed);
  }
  await rm(root, { recursive: true, force: true });
  return removed;
}
