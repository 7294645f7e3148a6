import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The V8 heap; the tables live outside it. */
const HEAP_MB = 256;

/**
 * Starts a process of our own that reads files: the bundle `<name>.mjs` beside a bundled caller, the
 * source `<name>.ts` beside `callerUrl` through tsx otherwise. It gets no environment of ours, so no
 * secret, and talks over its IPC channel only.
 */
export function startProcess(callerUrl: string, name: string): ChildProcess {
  return spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, ...entry(callerUrl, name)], {
    env: { NODE_ENV: "production" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
  });
}

function entry(callerUrl: string, name: string): string[] {
  const here = dirname(fileURLToPath(callerUrl));
  const bundled = join(here, `${name}.mjs`);
  if (existsSync(bundled)) return [bundled];
  const tsx = createRequire(callerUrl).resolve("tsx");
  return ["--import", pathToFileURL(tsx).href, join(here, `${name}.ts`)];
}
