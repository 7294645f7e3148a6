import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { oldEntries } from "./old-entries";

const DAY_MS = 24 * 3600 * 1000;
/** A job folder nobody ever marked as finished, with no trace of life for so long. */
const ORPHAN_MS = 14 * DAY_MS;

/**
 * Removes work folders of jobs that failed a day ago, orphans, and cached datasets no job used for a
 * day (jobs hold links of their own). Answers how many.
 */
export async function pruneTraining(trainingFolder: string, nowMs: number): Promise<number> {
  const jobs = join(trainingFolder, "jobs");
  const gone = await oldEntries(join(trainingFolder, "datasets"), nowMs - DAY_MS);
  for (const name of await readdir(jobs).catch(() => [])) {
    const folder = join(jobs, name);
    const finished = await stat(join(folder, "finished")).catch(() => undefined);
    if (finished ? finished.mtimeMs < nowMs - DAY_MS : await isOrphan(folder, nowMs)) {
      gone.push(folder);
    }
  }
  for (const path of gone) await rm(path, { recursive: true, force: true });
  return gone.length;
}

async function isOrphan(folder: string, nowMs: number): Promise<boolean> {
  const entries = await readdir(folder).catch(() => []);
  const old = await oldEntries(folder, nowMs - ORPHAN_MS);
  return old.length === entries.length;
}
