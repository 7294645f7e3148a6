import { join } from "node:path";

/** Settings of the surroundings a trainer may see: where programs and accelerators are, nothing else. */
const PASSED_ON = [
  "PATH",
  "LANG",
  "LC_ALL",
  "TZ",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
  "CUDA_VISIBLE_DEVICES",
  "NVIDIA_VISIBLE_DEVICES",
] as const;

/** The environment of a trainer that works in `workDir`. No secret of the product is in it. */
export function trainerEnvironment(
  inherited: NodeJS.ProcessEnv,
  workDir: string,
  threads: number,
): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = inherited[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    HOME: workDir,
    TMPDIR: join(workDir, "tmp"),
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    // Several trainers at once share the cores instead of fighting for them.
    MODELYARD_TRAINER_THREADS: String(threads),
    MLFLOW_ENABLE_ASYNC_LOGGING: "false",
    GIT_PYTHON_REFRESH: "quiet",
  };
}
