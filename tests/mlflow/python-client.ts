import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The environment that npm test makes of tests/mlflow/requirements.lock. */
export const CLIENT_PYTHON = resolve(
  process.env.MODELYARD_CLIENT_PYTHON ?? "node_modules/.cache/modelyard/mlflow-client/bin/python",
);

export const skipPython = process.env.MODELYARD_SKIP_PYTHON === "1";

/** What every client process gets beside its own settings: quiet, and away from the user's home. */
const SETTINGS = {
  MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: "false",
  MLFLOW_DISABLE_TELEMETRY: "true",
  // Each saved model would be loaded once more in a process of its own, to list its packages.
  MLFLOW_REQUIREMENTS_INFERENCE_TIMEOUT: "1",
  DO_NOT_TRACK: "true",
  GIT_PYTHON_REFRESH: "quiet",
  MPLBACKEND: "Agg",
  TF_CPP_MIN_LOG_LEVEL: "3",
  OMP_NUM_THREADS: "1",
  TF_NUM_INTRAOP_THREADS: "1",
  TF_NUM_INTEROP_THREADS: "1",
  CUDA_VISIBLE_DEVICES: "-1",
};

/**
 * Runs a script of tests/mlflow with the pip-installed client and answers the JSON of its last
 * line. Throws with what it wrote to stderr when it fails.
 */
export async function runPython<T = Record<string, unknown>>(
  script: string,
  environment: Record<string, string>,
  args: string[] = [],
): Promise<T> {
  if (!existsSync(CLIENT_PYTHON)) {
    throw new Error(
      `There is no Python at ${CLIENT_PYTHON}. Run npm test, which makes it; name another by MODELYARD_CLIENT_PYTHON; or set MODELYARD_SKIP_PYTHON=1.`,
    );
  }
  const { stdout } = await run(CLIENT_PYTHON, [`tests/mlflow/${script}`, ...args], {
    env: { ...process.env, ...SETTINGS, ...environment },
    timeout: 560_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}
