import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError } from "@/server/kernel/errors";
import { openPrivateFolder } from "@/server/kernel/process/private-folder";

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
  const { path: folder, spillFolder, discard } = await openPrivateFolder();
  try {
    const path = join(folder, "content");
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
