import { resolve } from "node:path";
import { inheritedEnv } from "@/env";
import type { Command } from "./start-launcher";
import { trainerEnvironment } from "./trainer-environment";

/** How the Python package in trainers/ runs a spec file. `threads` is what one trainer may use. */
export function bundledTrainers(interpreter: () => string, threads: number) {
  return (specFile: string, workDir: string): Command => ({
    program: interpreter(),
    args: ["-m", "modelyard_trainers", "--spec", specFile],
    environment: {
      ...trainerEnvironment(inheritedEnv(), workDir, threads),
      PYTHONPATH: resolve("trainers"),
    },
  });
}
