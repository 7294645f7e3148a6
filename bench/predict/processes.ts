import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface BenchProcess {
  child: ChildProcess;
  url: string;
}

const bundles = new Map<string, Promise<string>>();

/** The program as the product is built: what runs from source pays for the names of its closures. */
function bundled(path: string): Promise<string> {
  const outfile = `dist/bench/${basename(path, ".ts")}.mjs`;
  const made =
    bundles.get(path) ??
    build({
      entryPoints: [path],
      outfile,
      bundle: true,
      platform: "node",
      target: "node24",
      format: "esm",
      packages: "external",
      logLevel: "warning",
    }).then(() => outfile);
  bundles.set(path, made);
  return made;
}

/**
 * Starts a program beside this file, bundled; its first message is its URL. BENCH_CPU_PROF names a
 * folder that gets a CPU profile of each, BENCH_NODE_FLAGS further flags of Node.
 */
export async function startProcess(file: string, args: string[] = []): Promise<BenchProcess> {
  const path = await bundled(fileURLToPath(new URL(file, import.meta.url)));
  const { BENCH_CPU_PROF: folder, BENCH_NODE_FLAGS: flags = "" } = process.env;
  const profile = folder ? ["--cpu-prof", "--cpu-prof-dir", folder] : [];
  const execArgv = [...profile, ...flags.split(" ").filter(Boolean)];
  const child = fork(path, args, { execArgv });
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
