import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BackendHandle, BackendStatus, TrainingBackend, TrainingTask } from "../backend";
import { placeDataset } from "./dataset-cache";
import {
  attemptFolder,
  datasetFolder,
  jobFolder,
  readExit,
  readLauncher,
  workFolder,
} from "./job-folder";
import { isAttemptAlive, signalAttempt } from "./signal-attempt";
import { type Command, startLauncher } from "./start-launcher";

export interface LocalBackendOptions {
  /** Work folders and the dataset cache live here. */
  folder: string;
  /** What runs a spec file; for the bundled trainers Python with their module. */
  command: (specFile: string, workDir: string) => Command;
}

/** Trainers as processes of this machine, each leading its own process group. */
export function createLocalBackend({ folder, command }: LocalBackendOptions): TrainingBackend {
  const folderOf = (handle: BackendHandle): string =>
    attemptFolder(folder, String(handle.jobId), Number(handle.attempt));
  return {
    name: "local",
    submit: (task) => submit(folder, command, task),
    status: (handle) => statusOf(folderOf(handle)),
    logs: (handle, offset, bytesMax) => readLog(folderOf(handle), offset, bytesMax),
    cancel: (handle, force) => signalAttempt(folderOf(handle), force ? "SIGKILL" : "SIGTERM"),
    forget: (handle) => rm(folderOf(handle), { recursive: true, force: true }),
    release: (jobId, keep) => release(jobFolder(folder, jobId), keep),
  };
}

async function submit(
  root: string,
  command: LocalBackendOptions["command"],
  task: TrainingTask,
): Promise<BackendHandle> {
  const handle = { jobId: task.jobId, attempt: task.attempt };
  const folder = attemptFolder(root, task.jobId, task.attempt);
  if (await readLauncher(folder)) return handle;
  const workDir = workFolder(root, task.jobId);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await mkdir(join(workDir, "tmp"), { recursive: true, mode: 0o700 });
  const { sha256, format, delimiter } = task.dataset;
  const path = join(jobFolder(root, task.jobId), `dataset.${format}`);
  await placeDataset(datasetFolder(root), task.dataset, path);
  const specFile = join(folder, "spec.json");
  const spec = { ...task.spec, dataset: { path, format, sha256, delimiter }, workDir };
  await writeFile(specFile, JSON.stringify(spec), { mode: 0o600 });
  await startLauncher({
    folder,
    cwd: workDir,
    command: command(specFile, workDir),
    environment: await task.environment(),
    timeLimitMs: task.timeLimitMs,
    logBytesMax: task.logBytesMax,
  });
  return handle;
}

async function statusOf(folder: string): Promise<BackendStatus> {
  const before = await readExit(folder);
  if (before) return { state: "ended", exit: before };
  if (await isAttemptAlive(folder)) return { state: "running" };
  // It may have ended between the two looks.
  const after = await readExit(folder);
  if (after) return { state: "ended", exit: after };
  // A trainer whose launcher is gone can tell nobody how it ends.
  await signalAttempt(folder, "SIGKILL");
  const exit = { exitCode: null, signal: null, reason: "lost", lastError: "" } as const;
  return { state: "ended", exit };
}

async function readLog(folder: string, offset: number, bytesMax: number): Promise<Buffer> {
  const file = await open(join(folder, "log")).catch(() => undefined);
  if (!file) return Buffer.alloc(0);
  try {
    const buffer = Buffer.alloc(bytesMax);
    const { bytesRead } = await file.read(buffer, 0, bytesMax, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The mark by which upkeep knows when a kept folder may go. */
async function release(folder: string, keep: boolean): Promise<void> {
  if (!keep) return rm(folder, { recursive: true, force: true });
  await writeFile(join(folder, "finished"), new Date().toISOString()).catch(() => undefined);
}
