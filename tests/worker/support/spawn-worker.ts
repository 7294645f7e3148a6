import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { TrainingLab } from "../../training/support/training-lab";

export interface WorkerProcess {
  pid: number;
  /** Ends when the worker serves. */
  ready: Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Starts a real worker process on the lab's database, folders and server. */
export function spawnWorker(
  lab: TrainingLab,
  environment: Record<string, string>,
  behavior = "train",
): WorkerProcess {
  const child = spawn(
    process.execPath,
    [
      "--import",
      "tsx",
      "tests/worker/support/worker-process.ts",
      lab.world.db.url,
      lab.world.artifactsFolder,
      lab.home,
      lab.server.url,
      JSON.stringify(environment),
      behavior,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  running.add(child);
  const exited = once(child, "exit").then(() => {
    running.delete(child);
  });
  const ready = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      if (chunk.includes("ready")) resolve();
      if (process.env.TEST_LOG_LEVEL) process.stderr.write(chunk);
    });
    void exited.then(() => resolve());
  });
  return {
    pid: child.pid ?? 0,
    ready,
    kill: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
}

/** For the end of a test that failed half-way. */
export function killAllWorkers(): void {
  for (const child of running) child.kill("SIGKILL");
}
