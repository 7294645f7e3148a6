import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes what unfinished writes left under `<folder>/incoming`, for the start of a process.
 * Younger leftovers may still be written to. Answers how many were removed.
 */
export async function cleanIncoming(
  folder: string,
  olderThanMs: number,
  now: number = Date.now(),
): Promise<number> {
  const incoming = join(folder, "incoming");
  const names = await readdir(incoming).catch(() => []);
  let removed = 0;
  for (const name of names) {
    const path = join(incoming, name);
    const found = await stat(path).catch(() => undefined);
    if (!found || now - found.mtimeMs < olderThanMs) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}
