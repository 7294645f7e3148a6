import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Paths in a folder that were last changed before `beforeMs` (milliseconds since the epoch). */
export async function oldEntries(folder: string, beforeMs: number): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const old: string[] = [];
  for (const name of names) {
    const path = join(folder, name);
    // It may go away while we look.
    const facts = await stat(path).catch(() => undefined);
    if (facts && facts.mtimeMs < beforeMs) old.push(path);
  }
  return old;
}
