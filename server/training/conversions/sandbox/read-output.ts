import { constants } from "node:fs";
import { open } from "node:fs/promises";

/**
 * Reads a file that a sandbox wrote: a plain one with one name and content within `bytesMax`, else
 * null. No link is followed. With `lookOnly` the content stays where it is, and is answered empty.
 */
export async function readOutput(
  path: string,
  bytesMax: number,
  lookOnly = false,
): Promise<Buffer | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (!file) return null;
  try {
    const found = await file.stat();
    if (!found.isFile() || found.nlink !== 1) return null;
    if (found.size === 0 || found.size > bytesMax) return null;
    return lookOnly ? Buffer.alloc(0) : await file.readFile();
  } finally {
    await file.close();
  }
}
