import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isUuid } from "@/server/kernel/ids";
import type { TrainerExit } from "../backend";

/** Folders and files of one job below the training folder. Only ids of ours become paths. */
export function jobFolder(root: string, jobId: string): string {
  if (!isUuid(jobId)) throw new Error(`${jobId} is no job id`);
  return join(root, "jobs", jobId);
}

export const attemptFolder = (root: string, jobId: string, attempt: number): string =>
  join(jobFolder(root, jobId), `attempt-${Number(attempt)}`);

export const datasetFolder = (root: string): string => join(root, "datasets");

/** Where the trainer works; kept from attempt to attempt, with its checkpoints. */
export const workFolder = (root: string, jobId: string): string =>
  join(jobFolder(root, jobId), "work");

const processFile = z.object({ pid: z.number().int().positive() });
const exitFile = z.object({
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  reason: z.enum(["exit", "time_limit"]),
  lastError: z.string(),
});

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    // Not there yet, or half-written by a machine that lost power: as good as not there.
    return undefined;
  }
}

/** The process that leads an attempt, if one ever started. */
export const readLauncher = async (folder: string): Promise<number | undefined> =>
  (await read(join(folder, "launcher.json"), processFile))?.pid;

export const readTrainer = async (folder: string): Promise<number | undefined> =>
  (await read(join(folder, "trainer.json"), processFile))?.pid;

/** How the attempt ended, if it has. */
export const readExit = (folder: string): Promise<TrainerExit | undefined> =>
  read(join(folder, "exit.json"), exitFile);
