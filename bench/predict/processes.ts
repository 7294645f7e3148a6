import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface BenchProcess {
  child: ChildProcess;
  url: string;
}

/**
 * Starts a program beside this file; its first message is its URL. BENCH_CPU_PROF names a folder
 * that gets a CPU profile of each.
 */
export async function startProcess(file: string, args: string[] = []): Promise<BenchProcess> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const profile = process.env.BENCH_CPU_PROF
    ? ["--cpu-prof", "--cpu-prof-dir", process.env.BENCH_CPU_PROF, "--cpu-prof-interval", "500"]
    : [];
  const child = fork(path, args, { execArgv: ["--import", "tsx", ...profile] });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${file} ended with ${code}`);
  });
  const [url] = (await Promise.race([once(child, "message"), ended])) as [string];
  ended.catch(() => undefined);
  return { child, url };
}

export async function stopProcess({ child }: BenchProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}
