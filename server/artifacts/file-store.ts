import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError, notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import type { ObjectStore } from "@/server/kernel/ports";

const SHA256 = /^[0-9a-f]{64}$/;

/** Objects as files under `<folder>/<workspace>/<first two hex>/<sha256>`. */
export function createFileStore(folder: string): ObjectStore {
  const pathOf = (workspaceId: string, sha256: string): string => {
    if (!isUuid(workspaceId) || !SHA256.test(sha256)) throw notFound("The object");
    return join(folder, workspaceId, sha256.slice(0, 2), sha256);
  };
  return {
    put: (workspaceId, content, limitBytes) =>
      putFile(folder, pathOf, workspaceId, content, limitBytes),
    async get(workspaceId, sha256, range) {
      const path = pathOf(workspaceId, sha256);
      if (!(await exists(path))) throw notFound("The object");
      return createReadStream(path, range);
    },
    async delete(workspaceId, sha256) {
      await rm(pathOf(workspaceId, sha256), { force: true });
    },
  };
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function putFile(
  folder: string,
  pathOf: (workspaceId: string, sha256: string) => string,
  workspaceId: string,
  content: Readable,
  limitBytes: number,
): Promise<{ sha256: string; sizeBytes: number }> {
  const incoming = join(folder, "incoming");
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  const temporary = join(incoming, randomUUID());
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      hash.update(chunk);
      done(
        sizeBytes > limitBytes
          ? new AppError("payload_too_large", `The content may hold ${limitBytes} bytes at most.`)
          : null,
        chunk,
      );
    },
  });
  try {
    await pipeline(content, meter, createWriteStream(temporary, { mode: 0o600 }));
    await syncFile(temporary);
    const sha256 = hash.digest("hex");
    const path = pathOf(workspaceId, sha256);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // A rename is atomic, so a reader sees the whole object or none.
    await rename(temporary, path);
    await syncFile(dirname(path));
    return { sha256, sizeBytes };
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
