import { join } from "node:path";
import { readLauncher, readTrainer } from "./job-folder";
import { commandLine } from "./process-identity";

/**
 * A process id may be given to a stranger after a reboot, so a process counts as ours only while
 * the attempt's folder stands in its command line.
 */
const isOurs = async (pid: number, folder: string): Promise<boolean> =>
  (await commandLine(pid)).includes(`${folder}/`);

export async function isAttemptAlive(folder: string): Promise<boolean> {
  const pid = await readLauncher(folder);
  return pid !== undefined && (await isOurs(pid, folder));
}

/** Signals the whole process group of an attempt; nothing when none of it is left. */
export async function signalAttempt(folder: string, signal: NodeJS.Signals): Promise<void> {
  const group = await readLauncher(folder);
  if (group === undefined) return;
  const trainer = await readTrainer(folder);
  const alive =
    (await isOurs(group, folder)) || (trainer !== undefined && (await isOurs(trainer, folder)));
  if (!alive) return;
  if (signal !== "SIGKILL") return send(-group, signal);
  // The launcher is spared, so that it writes down the end; it then ends what is left of the group.
  if (trainer !== undefined && (await isOurs(group, folder))) return send(trainer, signal);
  send(-group, signal);
}

/** Signals a process, or with a negative id a group; nothing when it is gone. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

/** The file whose path marks every process of an attempt. */
export const launchFile = (folder: string): string => join(folder, "launch.json");
