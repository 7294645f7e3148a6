import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";

/** What one question may take. */
export interface ProcessLimits {
  timeoutMs: number;
  /** The whole process is ended at so much memory. */
  residentMb: number;
}

/** Why there is no answer: the process passed a limit, said in words, or broke. */
export class NoAnswer extends Error {
  constructor(
    readonly passed: string | undefined,
    options?: ErrorOptions,
  ) {
    super(passed === undefined ? "the process broke" : `it takes more than ${passed}`, options);
  }
}

const WATCH_EVERY_MS = 200;

/**
 * Sends a process one task and takes its one answer; the process is gone afterwards, but where it
 * answered and is to be kept. Throws NoAnswer.
 */
export function askProcess<Answer>(
  child: ChildProcess,
  task: object,
  limits: ProcessLimits,
  { isKept = false } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void, kill = true) => {
      clearTimeout(timer);
      clearInterval(watch);
      child.off("exit", broke);
      child.off("message", take);
      if (kill) child.kill("SIGKILL");
      else child.off("error", broke);
      settle();
    };
    const fail = (passed?: string) => end(() => reject(new NoAnswer(passed)));
    const broke = () => fail();
    const take = (answer: unknown) => end(() => resolve(answer as Answer), !isKept);
    const timer = setTimeout(() => fail(`${limits.timeoutMs / 1000} seconds`), limits.timeoutMs);
    const watch = setInterval(async () => {
      if ((await residentMbOf(child.pid)) > limits.residentMb) {
        fail(`${limits.residentMb} MB of memory`);
      }
    }, WATCH_EVERY_MS);
    // Not once: an error after the first would have no listener and end this process.
    child.on("error", broke);
    child.once("exit", broke);
    child.once("message", take);
    // A full pipe would stop the process; what it prints is of no use here.
    child.stderr?.resume();
    child.send(task, (error) => {
      if (error) fail();
    });
  });
}

/** Megabytes in memory, from Linux's books; 0 where there are none, and DuckDB's own limit holds. */
export async function residentMbOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "latin1").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}
