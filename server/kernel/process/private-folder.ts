import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "modelyard-files-";

/** A folder nobody else reads, for one task; whoever asked for it calls `discard`. */
export interface PrivateFolder {
  path: string;
  /** Beside the files, for what does not fit in memory. */
  spillFolder: string;
  discard: () => Promise<void>;
}

/** Makes a folder with mode 0700 under a random name. */
export async function openPrivateFolder(): Promise<PrivateFolder> {
  const path = await mkdtemp(join(tmpdir(), PREFIX));
  const spillFolder = join(path, "spill");
  await mkdir(spillFolder, { mode: 0o700 });
  return { path, spillFolder, discard: () => rm(path, { recursive: true, force: true }) };
}

/** Removes folders that killed processes left behind. Answers how many. */
export async function cleanPrivateFolders(olderThanMs: number, now = Date.now()): Promise<number> {
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
