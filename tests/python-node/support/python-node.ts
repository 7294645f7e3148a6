import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { CLIENT_PYTHON, skipPython } from "../../mlflow/python-client";

const run = promisify(execFile);

/** Longer than any busy machine needs to import PyTorch. */
export const NODE_DEADLINE_MS = 240_000;
/** The same for MLflow's client, which imports every framework it logs. */
export const CLIENT_DEADLINE_MS = 580_000;
export const NODE_TOKEN = "node-token-of-the-tests-of-python";

/** The environment with PyTorch where there is one, else that of the trainers. */
export const NODE_PYTHON = existsSync(CLIENT_PYTHON)
  ? CLIENT_PYTHON
  : resolve(process.env.MODELYARD_TEST_PYTHON ?? "node_modules/.cache/modelyard/python/bin/python");

export { skipPython };

/** Whether that environment has PyTorch. */
export async function hasTorch(): Promise<boolean> {
  if (skipPython) return false;
  const code = "import importlib.util; print(importlib.util.find_spec('torch') is not None)";
  const { stdout } = await run(NODE_PYTHON, ["-c", code]);
  return stdout.trim() === "True";
}

export async function runNodePython<T>(args: string[]): Promise<T> {
  const { stdout } = await run(NODE_PYTHON, args, {
    timeout: NODE_DEADLINE_MS,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, OMP_NUM_THREADS: "1" },
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}

export interface PythonNode {
  url: string;
  process: ChildProcess;
  /** What it wrote to its log. */
  log: string[];
  close(): Promise<void>;
}

/** Starts a node that registers with `gateway`, or reads artifacts there alone. */
export async function startPythonNode(
  gateway: string,
  options: { register?: boolean; env?: Record<string, string> } = {},
): Promise<PythonNode> {
  const flag = options.register === false ? "--artifacts" : "--register";
  const child = spawn(NODE_PYTHON, ["-m", "modelyard_node", flag, gateway], {
    cwd: "trainers",
    env: { ...process.env, NODE_TOKEN, NODE_PORT: "0", PYTHONPATH: ".", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
  const ended = new Promise<void>((done) => {
    child.once("exit", () => done());
  });
  const url = await new Promise<string>((done, fail) => {
    createInterface({ input: child.stdout }).once("line", done);
    void ended.then(() => fail(new Error(`the node ended: ${log.join("\n")}`)));
  });
  return {
    url,
    process: child,
    log,
    close: async () => {
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      await ended;
    },
  };
}
