import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { copyFile, link, mkdir, rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Puts the dataset's plain bytes at `target`. Content is kept by its hash, so that many jobs on one
 * dataset copy once; a link keeps a job's file when the cache is emptied.
 */
export async function placeDataset(
  cache: string,
  dataset: { sha256: string; open: () => Promise<Readable> },
  target: string,
): Promise<void> {
  if (!/^[0-9a-f]{64}$/.test(dataset.sha256)) throw new Error("A dataset without a hash");
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const cached = join(cache, dataset.sha256);
  if (await place(cached, target)) return;
  await fill(cached, dataset);
  if (!(await place(cached, target)))
    throw new Error("The dataset was removed while it was copied");
}

/** Links or, across file systems, copies; false when the cache does not hold it. */
async function place(cached: string, target: string): Promise<boolean> {
  try {
    // The time of last use is what the cache is emptied by.
    await utimes(cached, new Date(), new Date());
    await link(cached, target).catch((error: NodeJS.ErrnoException) =>
      // A job has one dataset, and what stands there was put there whole.
      error.code === "EEXIST" ? undefined : copyWhole(cached, target),
    );
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

async function copyWhole(source: string, target: string): Promise<void> {
  const temporary = `${target}.${randomUUID()}`;
  await copyFile(source, temporary);
  await rename(temporary, target);
}

async function fill(
  cached: string,
  dataset: { sha256: string; open: () => Promise<Readable> },
): Promise<void> {
  const temporary = `${cached}.${randomUUID()}`;
  const hash = createHash("sha256");
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(await dataset.open(), meter, createWriteStream(temporary, { mode: 0o400 }));
    if (hash.digest("hex") !== dataset.sha256) {
      throw new Error("The stored dataset does not have the bytes that were uploaded");
    }
    await rename(temporary, cached);
  } finally {
    await rm(temporary, { force: true });
  }
}
