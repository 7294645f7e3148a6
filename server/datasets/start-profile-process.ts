import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The V8 heap; the tables live outside it. */
const HEAP_MB = 256;

/**
 * Starts the process that reads one file: the bundle `profile-process.mjs` beside a bundled caller,
 * the source through tsx otherwise. It gets no environment of ours, so no secret, and talks over
 * its IPC channel only.
 */
export function startProfileProcess(): ChildProcess {
  return spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, ...entry()], {
    env: { NODE_ENV: "production" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
  });
}

function entry(): string[] {
  const here = dirname(fileURLToPath(import.meta.url));
  const bundled = join(here, "profile-process.mjs");
  if (existsSync(bundled)) return [bundled];
  const tsx = createRequire(import.meta.url).resolve("tsx");
  return ["--import", pathToFileURL(tsx).href, join(here, "profile-process.ts")];
}
