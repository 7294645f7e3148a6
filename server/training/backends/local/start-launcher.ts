import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readLauncher } from "./job-folder";
import { launchFile, send } from "./signal-attempt";

export interface Command {
  program: string;
  args: string[];
  /** Beside what every trainer gets. */
  environment?: Record<string, string>;
}

export interface Launch {
  folder: string;
  cwd: string;
  command: Command;
  environment: Record<string, string>;
  timeLimitMs: number;
  logBytesMax: number;
}

/** Relative to the folder the product is started in, which every role shares. */
const LAUNCHER = "server/training/backends/local/launcher.mjs";
const START_MS = 15_000;

/** Starts the launcher of an attempt; the promise ends when it leads its group. */
export async function startLauncher(launch: Launch): Promise<void> {
  const { folder, cwd, command, timeLimitMs, logBytesMax } = launch;
  const { program, args } = command;
  const file = launchFile(folder);
  const plan = {
    folder,
    program,
    args,
    cwd,
    logFile: join(folder, "log"),
    logBytesMax,
    timeLimitMs,
  };
  await writeFile(file, JSON.stringify(plan), { mode: 0o600 });
  const child = spawn(
    process.execPath,
    ["--max-old-space-size=64", "--max-semi-space-size=1", resolve(LAUNCHER), file],
    {
      cwd,
      detached: true,
      stdio: "ignore",
      env: { NODE_ENV: "production", ...command.environment, ...launch.environment },
    },
  );
  let failure: string | undefined;
  child.once("error", (error) => {
    failure = error.message;
  });
  child.once("exit", (code) => {
    failure = `it ended with code ${code}`;
  });
  child.unref();
  try {
    await untilStarted(folder, () => failure);
  } catch (error) {
    // A launcher that comes late would start a trainer nobody looks after.
    if (child.pid) send(-child.pid, "SIGKILL");
    throw error;
  }
}

async function untilStarted(folder: string, failure: () => string | undefined): Promise<void> {
  const deadline = Date.now() + START_MS;
  while ((await readLauncher(folder)) === undefined) {
    const why = failure();
    if (why !== undefined) throw new Error(`The trainer's launcher does not start: ${why}`);
    if (Date.now() > deadline) throw new Error("The trainer's launcher does not start in time");
    await sleep(20);
  }
}
