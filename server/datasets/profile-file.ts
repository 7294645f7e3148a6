import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { AppError, invalid } from "@/server/kernel/errors";
import type { ProfileTask } from "./profile/profile-table";
import type { DatasetTable, TableTask } from "./profile/read-table";
import type { ProfileAnswer } from "./profile-process";
import { createSlots } from "./profile-slots";
import { type DatasetProfile, datasetProfile } from "./schemas";
import { startProfileProcess } from "./start-profile-process";

/** What one profile may take. */
export interface ProfileLimits {
  timeoutMs: number;
  /** Given to DuckDB; the whole process is ended at `residentMb`. */
  memoryMb: number;
  residentMb: number;
  spillMb: number;
}

const LIMITS: ProfileLimits = {
  timeoutMs: 300_000,
  memoryMb: 1_024,
  residentMb: 2_048,
  spillMb: 16_384,
};
const WATCH_EVERY_MS = 200;
const slots = createSlots(2, 16);

/**
 * Profiles a file in a process of its own, so that no file ends or blocks this one.
 * Throws validation_failed when the file is no dataset or needs too much, unavailable when the
 * process broke or too many wait.
 */
export async function profileFile(
  file: File,
  limits: ProfileLimits = LIMITS,
  start: () => ChildProcess = startProfileProcess,
): Promise<DatasetProfile> {
  return slots(async () => {
    const answer = await ask(start(), taskOf(file, limits), limits);
    if ("profile" in answer) return datasetProfile.parse(answer.profile);
    throw refusalOf(answer);
  });
}

type File = Pick<ProfileTask, "path" | "spillFolder" | "fileName">;

/** The first rows of a file, read in the same way. Throws as profileFile does. */
export async function readTableFile(
  file: File,
  wanted: Pick<TableTask, "format" | "rowsMax">,
): Promise<DatasetTable> {
  return slots(async () => {
    const task = { ...taskOf(file, LIMITS), ...wanted };
    const answer = await ask(startProfileProcess(), task, LIMITS);
    if ("table" in answer) return answer.table;
    throw refusalOf(answer);
  });
}

function taskOf({ path, spillFolder, fileName }: File, limits: ProfileLimits): ProfileTask {
  const { memoryMb, spillMb } = limits;
  return { path, spillFolder, fileName, memoryMb, spillMb };
}

function refusalOf(answer: ProfileAnswer): AppError {
  if (!("unreadable" in answer)) return broke();
  return invalid(answer.unreadable, [{ path: "file", message: answer.unreadable }]);
}

const broke = () =>
  new AppError("unavailable", "The file could not be read this time. Try again.", {
    retryAfterSeconds: 5,
  });

function ask(
  child: ChildProcess,
  task: ProfileTask,
  limits: ProfileLimits,
): Promise<ProfileAnswer> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      clearInterval(watch);
      child.removeAllListeners("exit");
      child.kill("SIGKILL");
      settle();
    };
    const tooMuch = (what: string) => {
      const message = `Reading the file takes more than ${what}. Send fewer rows or columns.`;
      end(() => reject(invalid(message, [{ path: "file", message }])));
    };
    const timer = setTimeout(() => tooMuch(`${limits.timeoutMs / 1000} seconds`), limits.timeoutMs);
    const watch = setInterval(async () => {
      if ((await residentMbOf(child.pid)) > limits.residentMb) {
        tooMuch(`${limits.residentMb} MB of memory`);
      }
    }, WATCH_EVERY_MS);
    // Not once: an error after the first would have no listener and end this process.
    child.on("error", () => end(() => reject(broke())));
    child.once("exit", () => end(() => reject(broke())));
    child.once("message", (answer) => end(() => resolve(answer as ProfileAnswer)));
    // A full pipe would stop the process; what it prints is of no use here.
    child.stderr?.resume();
    child.send(task, (error) => {
      if (error) end(() => reject(broke()));
    });
  });
}

/** Megabytes in memory, from Linux's books; 0 where there are none, and DuckDB's own limit holds. */
async function residentMbOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "latin1").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}
