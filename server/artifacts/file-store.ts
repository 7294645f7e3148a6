import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError, notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import type { ObjectStore } from "@/server/kernel/ports";

const SHA256 = /^[0-9a-f]{64}$/;

type PathOf = (workspaceId: string, sha256: string) => string;

/** Objects as files under `<folder>/<workspace>/<first two hex>/<sha256>`. */
export function createFileStore(folder: string): ObjectStore {
  const pathOf: PathOf = (workspaceId, sha256) => {
    if (!isUuid(workspaceId) || !SHA256.test(sha256)) throw notFound("The object");
    return join(folder, workspaceId, sha256.slice(0, 2), sha256);
  };
  return {
    put: (workspaceId, content, limitBytes) =>
      putFile(folder, pathOf, workspaceId, content, limitBytes),
    get: async (workspaceId, sha256, range) => openFile(pathOf(workspaceId, sha256), range),
    async delete(workspaceId, sha256) {
      await rm(pathOf(workspaceId, sha256), { force: true });
    },
  };
}

async function openFile(path: string, range?: { start: number; end: number }): Promise<Readable> {
  const stream = createReadStream(path, { highWaterMark: 256 * 1024, ...range });
  await new Promise<void>((resolve, reject) => {
    stream.once("open", () => resolve());
    stream.once("error", reject);
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? notFound("The object") : error;
  });
  return stream;
}

async function putFile(
  folder: string,
  pathOf: PathOf,
  workspaceId: string,
  content: Readable,
  limitBytes: number,
): Promise<{ sha256: string; sizeBytes: number }> {
  const incoming = join(folder, "incoming");
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  const temporary = join(incoming, randomUUID());
  const meter = createMeter(limitBytes);
  try {
    await pipeline(content, meter.stream, createWriteStream(temporary, { mode: 0o600 }));
    await syncPath(temporary);
    const stored = meter.finish();
    const path = pathOf(workspaceId, stored.sha256);
    const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // A rename is atomic, so a reader sees the whole object or none.
    await rename(temporary, path);
    await syncPath(dirname(path));
    // A new folder survives a power cut only when its parents are on disk too.
    if (made) for (const one of [dirname(dirname(path)), folder]) await syncPath(one);
    return stored;
  } catch (error) {
    await rm(temporary, { force: true });
    throw asStoreError(error);
  }
}

/** Counts and hashes what passes, and fails above the limit. */
function createMeter(limitBytes: number) {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) {
        const message = `The content may hold ${limitBytes} bytes at most.`;
        return done(new AppError("payload_too_large", message));
      }
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { stream, finish: () => ({ sha256: hash.digest("hex"), sizeBytes }) };
}

function asStoreError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new AppError("unavailable", "The artifact store is full. Nothing was kept.", {
    retryAfterSeconds: 60,
  });
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
