import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const CANDIDATES = ["python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"];

/** A Python from 3.10 on that can make environments. */
function findPython(): string {
  const check = "import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 1)";
  const found = [process.env.PYTHON ?? "", ...CANDIDATES].find(
    (name) => name && spawnSync(name, ["-c", check]).status === 0,
  );
  if (!found)
    throw new Error("Python 3.10 or newer with venv is needed (Debian: apt install python3-venv).");
  return found;
}

/** The trainers' environment for tests, made once and renewed when the lock changes. Answers its python. */
export function makePythonEnv(): string {
  const python = attemptEnv("python", "trainers/requirements-test.lock");
  if (!python) throw new Error("The Python environment cannot be made.");
  return python;
}

/**
 * The environment of the stock MLflow client and the frameworks it logs from. Where PyTorch and
 * TensorFlow have no packages for this machine it holds the rest; their tests then say so.
 */
export function makeClientEnv(): string {
  const python =
    attemptEnv("mlflow-client", "tests/mlflow/requirements.lock") ??
    attemptEnv("mlflow-client-base", "tests/mlflow/requirements-base.lock");
  if (!python) throw new Error("The Python environment of the MLflow client cannot be made.");
  return python;
}

/** The environment of the stock clients of the Open Inference Protocol: NVIDIA's and KServe's. */
export function makeInferenceEnv(): string {
  const python = attemptEnv("inference-clients", "tests/open-inference/requirements.lock");
  if (!python) throw new Error("The Python environment of the inference clients cannot be made.");
  return python;
}

function attemptEnv(name: string, lock: string): string | undefined {
  const folder = resolve("node_modules/.cache/modelyard", name);
  const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const made = spawnSync(findPython(), ["trainers/make_env.py", folder, "--lock", lock], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  return made.status === 0 && existsSync(python) ? python : undefined;
}
