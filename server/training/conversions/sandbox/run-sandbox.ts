import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";

/** What one sandbox may take; beyond it the process is ended. */
export interface SandboxLimits {
  memoryBytes: number;
  cpuSeconds: number;
  timeoutMs: number;
  fileBytes: number;
  /** Output that is kept, bytes. */
  logBytes: number;
  /** Output after which the process is ended, bytes. */
  outputBytes: number;
}

export type SandboxExit =
  | { kind: "exited"; code: number | null; lastError: string; log: string }
  /** We ended it; `error` says why. */
  | { kind: "stopped"; error: string; log: string }
  /** It was not started. */
  | { kind: "refused"; error: string; log: string };

interface Sandbox {
  folder: string;
  interpreter: string;
  limits: SandboxLimits;
  signal: AbortSignal;
}

const LAST_ERROR_CHARACTERS = 2_000;

/**
 * Starts the converting program in its folder, with an environment that holds nothing of ours, and
 * answers when it has ended. It walls itself off before it reads the model, and dies with us.
 */
export function runSandbox({ folder, interpreter, limits, signal }: Sandbox): Promise<SandboxExit> {
  const child = spawn(interpreter, ["-s", "-m", "modelyard_trainers.convert", "spec.json"], {
    cwd: folder,
    env: { NODE_ENV: "production", ...environmentIn(folder) },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { promise, resolve: end } = Promise.withResolvers<SandboxExit>();
  const output = keepOutput(child, limits.logBytes);
  let stopped: string | null = null;
  const stop = (why: string) => {
    stopped ??= why;
    killGroup(child);
  };
  const timer = setTimeout(
    () => stop(`The conversion took more than ${limits.timeoutMs / 1000} seconds.`),
    limits.timeoutMs,
  );
  const watch = setInterval(() => {
    if (output.bytes() > limits.outputBytes) stop("The conversion printed too much.");
  }, 100);
  const cancel = () => stop("The conversion was canceled.");
  signal.addEventListener("abort", cancel);
  if (signal.aborted) cancel();
  child.once("error", (error) => {
    stopped ??= `Python cannot be started: ${error.message}`;
    finish(null, null);
  });
  child.once("close", (code, by) => finish(code, by));
  function finish(code: number | null, by: NodeJS.Signals | null) {
    clearTimeout(timer);
    clearInterval(watch);
    signal.removeEventListener("abort", cancel);
    // Where no wall keeps it from starting others, they go with it.
    killGroup(child);
    const log = output.text();
    if (stopped !== null) return end({ kind: "stopped", error: stopped, log });
    if (by !== null) return end({ kind: "stopped", error: signalWords(by, limits), log });
    end({ kind: "exited", code, lastError: output.lastError() || `It ended with ${code}.`, log });
  }
  return promise;
}

function environmentIn(folder: string): Record<string, string> {
  return {
    LANG: "C.UTF-8",
    HOME: folder,
    TMPDIR: folder,
    PYTHONPATH: resolve("trainers"),
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUNBUFFERED: "1",
    OMP_NUM_THREADS: "1",
    OPENBLAS_NUM_THREADS: "1",
    MKL_NUM_THREADS: "1",
    JOBLIB_MULTIPROCESSING: "0",
  };
}

function signalWords(by: NodeJS.Signals, limits: SandboxLimits): string {
  if (by === "SIGXCPU" || by === "SIGKILL") {
    return `The conversion took more than ${limits.cpuSeconds} seconds of processor time, or too much memory.`;
  }
  if (by === "SIGXFSZ") return "The converted model is too large.";
  return `The model ended the process that converted it (${by}).`;
}

/** Reads everything, so that the program never waits for us, and keeps the first part. */
function keepOutput(child: ChildProcess, bytesMax: number) {
  const kept: Buffer[] = [];
  let room = bytesMax;
  let bytes = 0;
  let tail = "";
  const keep = (chunk: Buffer) => {
    bytes += chunk.length;
    if (room > 0) kept.push(Buffer.from(chunk.subarray(0, room)));
    room -= chunk.length;
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", (chunk: Buffer) => {
    tail = (tail + chunk.toString("utf8")).slice(-LAST_ERROR_CHARACTERS * 2);
    keep(chunk);
  });
  return {
    bytes: () => bytes,
    text: () =>
      Buffer.concat(kept).toString("utf8") + (room < 0 ? "\n[modelyard] log truncated\n" : ""),
    lastError: () => (tail.trimEnd().split("\n").at(-1) ?? "").slice(-LAST_ERROR_CHARACTERS),
  };
}

/** It leads its group. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
