import { type ChildProcess, type ForkOptions, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Source of every program the supervisor starts; the build bundles each under its name. */
export const SCRIPTS = {
  "init-postgres": "server/supervisor/init-postgres.ts",
  web: "server/main.ts",
  worker: "server/worker.ts",
  node: "server/inference-node.ts",
} as const;
export type ScriptName = keyof typeof SCRIPTS;

/** True when this code runs from the bundle in dist/. */
export const isBundled = import.meta.url.endsWith(".mjs");

/** Where package.json lies. */
export const productFolder = fileURLToPath(new URL(isBundled ? ".." : "../..", import.meta.url));

/** Starts a program: its bundle beside this one, or its source through tsx. */
export function startScript(name: ScriptName, args: string[], options: ForkOptions): ChildProcess {
  const bundle = join(productFolder, "dist", `${name}.mjs`);
  if (isBundled && existsSync(bundle))
    return fork(bundle, args, { cwd: productFolder, ...options });
  return fork(join(productFolder, SCRIPTS[name]), args, {
    cwd: productFolder,
    ...options,
    execArgv: ["--import", "tsx"],
  });
}
