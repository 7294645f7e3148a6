import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { inheritedEnv } from "@/env";
import type { Log } from "@/server/kernel/log";
import type { Readiness } from "./dispatcher/settings";
import { writeEnvironmentState } from "./environment-state";
import type { EnvironmentDto } from "./schemas";

export interface PythonEnvironmentOptions {
  /** Where the virtual environment is made. */
  folder: string;
  /** Where its state is told to other processes. */
  stateFile: string;
  /** The interpreter that makes it; python3 when absent. */
  python?: string | undefined;
  /** An environment that exists already and is used as it is. */
  existing?: string | undefined;
  log: Log;
}

const RETRY_MS = 60_000;
/** Parts of the whole that come before and after the packages, by the words of make_env.py. */
const MILESTONES: [RegExp, number][] = [
  [/^creating/, 0.02],
  [/^getting/, 0.05],
  [/^installing/, 0.08],
  [/^checking/, 0.92],
];

/** The Python environment of the trainers: made in the background, tried again when that fails. */
export class PythonEnvironment {
  private state: EnvironmentDto = {
    status: "preparing",
    progress: 0,
    message: "Looking for the Python environment",
  };
  private process: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: PythonEnvironmentOptions) {}

  /** The interpreter with the trainers' packages. */
  get interpreter(): string {
    const folder = resolve(this.options.existing ?? this.options.folder);
    return process.platform === "win32"
      ? join(folder, "Scripts", "python.exe")
      : join(folder, "bin", "python");
  }

  start(): void {
    if (!this.options.existing) {
      this.make();
      return;
    }
    const found = existsSync(this.interpreter);
    this.tell(
      found
        ? { status: "ready", progress: 1, message: "Ready" }
        : {
            status: "failed",
            progress: 0,
            message: `MODELYARD_PYTHON_ENV names ${this.options.existing}, where there is no Python environment.`,
          },
    );
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    const { pid } = this.process ?? {};
    // Installers it started are in its group.
    if (pid) {
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
    await this.writing;
  }

  readiness(): Readiness {
    const { status, progress, message } = this.state;
    if (status === "ready") return { state: "ready" };
    if (status === "failed") return { state: "failed", message: `No trainer can run. ${message}` };
    const percent = Math.round(progress * 100);
    return { state: "waiting", message: `Preparing the Python environment (${percent} %)` };
  }

  private make(): void {
    const python = this.options.python ?? "python3";
    const child = spawn(
      python,
      ["-u", resolve("trainers/make_env.py"), resolve(this.options.folder)],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: inheritedEnv(),
        detached: true,
      },
    );
    this.process = child;
    let lastError = "";
    createInterface({ input: child.stdout }).on("line", (line) => this.progress(line));
    createInterface({ input: child.stderr }).on("line", (line) => {
      lastError = line.trim() || lastError;
    });
    child.once("error", () => {
      lastError = `${python} is not found. Install Python 3.10 or newer with venv, or set PYTHON to its path.`;
      this.ended(1, lastError);
    });
    child.once("close", (code) => {
      if (child.pid) this.ended(code, lastError);
    });
  }

  private progress(line: string): void {
    const [, done, all] = /^(\d+)\/(\d+) /.exec(line) ?? [];
    const milestone = MILESTONES.find(([words]) => words.test(line))?.[1];
    const progress =
      done && all ? 0.1 + (0.8 * Number(done)) / Number(all) : (milestone ?? this.state.progress);
    this.tell({ status: "preparing", progress, message: line.slice(0, 300) });
  }

  private ended(code: number | null, lastError: string): void {
    this.process = undefined;
    if (this.stopped) return;
    if (code === 0) {
      this.options.log.info("the Python environment is ready");
      this.tell({ status: "ready", progress: 1, message: "Ready" });
      return;
    }
    const message = lastError || `Making the Python environment ended with code ${code}.`;
    this.options.log.warn({ code, message }, "the Python environment cannot be made");
    this.tell({ status: "failed", progress: 0, message });
    this.timer = setTimeout(() => this.make(), RETRY_MS);
  }

  private tell(state: EnvironmentDto): void {
    this.state = state;
    this.writing = this.writing
      .then(() => writeEnvironmentState(this.options.stateFile, state))
      .catch((error: unknown) => {
        this.options.log.warn({ err: error }, "the state of the Python environment is not written");
      });
  }
}
