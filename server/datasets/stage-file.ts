import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError } from "@/server/kernel/errors";

/** A received file in a private folder of its own; whoever asked for it calls `discard`. */
export interface StagedFile {
  path: string;
  /** Beside the file, for what profiling spills. */
  spillFolder: string;
  /** What the caller calls it: a hint about the format, never a path. */
  fileName: string;
  sha256: string;
  sizeBytes: number;
  discard: () => Promise<void>;
}

const PREFIX = "modelyard-dataset-";

export const tooLarge = (limitBytes: number) =>
  new AppError(
    "payload_too_large",
    `A dataset may hold ${limitBytes} bytes at most (DATASET_MAX_BYTES). Send Parquet or a part.`,
    { limitBytes },
  );

/** Writes a stream to a temporary file, hashing it. Nothing stays when it throws. */
export async function stageFile(
  content: Readable,
  fileName: string,
  limitBytes: number,
): Promise<StagedFile> {
  // mkdtemp makes the folder with mode 0700 under a random name.
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  const discard = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "content");
    const spillFolder = join(folder, "spill");
    await mkdir(spillFolder, { mode: 0o700 });
    const hash = createHash("sha256");
    let sizeBytes = 0;
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        sizeBytes += chunk.length;
        hash.update(chunk);
        done(sizeBytes > limitBytes ? tooLarge(limitBytes) : null, chunk);
      },
    });
    await pipeline(content, meter, createWriteStream(path, { mode: 0o600 }));
    return { path, spillFolder, fileName, sha256: hash.digest("hex"), sizeBytes, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** Removes files that killed processes left behind. Answers how many. */
export async function cleanStagedFiles(olderThanMs: number, now = Date.now()): Promise<number> {
  const names = await readdir(tmpdir()).catch(() => []);
  let removed = 0;
  for (const name of names.filter((one) => one.startsWith(PREFIX))) {
    const path = join(tmpdir(), name);
    const found = await stat(path).catch(() => undefined);
    if (!found || now - found.mtimeMs < olderThanMs) continue;
    // Another account's folder is not ours to remove and refuses.
    await rm(path, { recursive: true, force: true }).then(
      () => (removed += 1),
      () => undefined,
    );
  }
  return removed;
}
