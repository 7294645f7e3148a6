import type { ChildProcess } from "node:child_process";
import { AppError, invalid } from "@/server/kernel/errors";
import { askProcess, NoAnswer, type ProcessLimits } from "@/server/kernel/process/ask-process";
import { createSlots } from "@/server/kernel/process/slots";
import type { ProfileTask } from "./profile/profile-table";
import type { DatasetTable, TableTask } from "./profile/read-table";
import type { ProfileAnswer } from "./profile-process";
import { type DatasetProfile, datasetProfile } from "./schemas";
import { startProfileProcess } from "./start-profile-process";

/** What one profile may take. */
export interface ProfileLimits extends ProcessLimits {
  /** Given to DuckDB; the whole process is ended at `residentMb`. */
  memoryMb: number;
  spillMb: number;
}

const LIMITS: ProfileLimits = {
  timeoutMs: 300_000,
  memoryMb: 1_024,
  residentMb: 2_048,
  spillMb: 16_384,
};
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

async function ask(
  child: ChildProcess,
  task: ProfileTask,
  limits: ProfileLimits,
): Promise<ProfileAnswer> {
  try {
    return await askProcess<ProfileAnswer>(child, task, limits);
  } catch (error) {
    if (!(error instanceof NoAnswer) || error.passed === undefined) throw broke();
    const message = `Reading the file takes more than ${error.passed}. Send fewer rows or columns.`;
    throw invalid(message, [{ path: "file", message }]);
  }
}
