import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@/server/supervisor/free-port";

/** Workers of `mlflow server` unless told otherwise (mlflow/cli). */
const WORKERS = 4;

export interface MlflowServer {
  child: ChildProcess;
  url: string;
  version: string;
}

/**
 * Starts a stock MLflow server with its files in PostgreSQL. `python` is the interpreter of an
 * environment with mlflow and psycopg2-binary. Answers when it is healthy and its tables are made.
 */
export async function startMlflow(
  python: string,
  databaseUrl: string,
  folder: string,
): Promise<MlflowServer> {
  const port = await freePort();
  const args = ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", String(port)];
  const store = databaseUrl.replace("postgres:", "postgresql+psycopg2:");
  args.push("--backend-store-uri", store, "--artifacts-destination", join(folder, "mlflow"));
  const child = spawn(python, [...args, "--workers", String(WORKERS)], {
    cwd: folder,
    // Its workers are its own children; the group is ended as one.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: "true", MLFLOW_LOGGING_LEVEL: "ERROR" },
  });
  let lastLines = "";
  child.stderr?.on("data", (chunk) => {
    lastLines = (lastLines + String(chunk)).slice(-2000);
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) break;
    const version = await fetch(`${url}/version`).then(
      (reply) => (reply.ok ? reply.text() : undefined),
      () => undefined,
    );
    if (version) return { child, url, version };
    await sleep(200);
  }
  throw new Error(`mlflow server does not start:\n${lastLines}`);
}

export async function stopMlflow({ child }: MlflowServer): Promise<void> {
  if (child.exitCode !== null || !child.pid) return;
  const exit = once(child, "exit");
  process.kill(-child.pid, "SIGTERM");
  await Promise.race([exit, sleep(10_000)]);
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // All of the group has ended.
  }
}
