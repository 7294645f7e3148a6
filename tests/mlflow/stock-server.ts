import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@/server/supervisor/free-port";
import { CLIENT_PYTHON } from "./python-client";

export interface StockServer {
  url: string;
  close(): Promise<void>;
}

/** A stock `mlflow server` over SQLite in a folder of its own. */
export async function startStockServer(): Promise<StockServer> {
  const folder = await mkdtemp(join(tmpdir(), "modelyard-stock-"));
  const port = await freePort();
  const args = ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", String(port)];
  args.push("--backend-store-uri", `sqlite:///${join(folder, "mlflow.db")}`);
  args.push("--artifacts-destination", join(folder, "artifacts"), "--workers", "1");
  const child = spawn(CLIENT_PYTHON, args, {
    cwd: folder,
    // Its workers are its own children; the group is ended as one.
    detached: true,
    stdio: "ignore",
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: "true", MLFLOW_LOGGING_LEVEL: "ERROR" },
  });
  const ended = once(child, "exit");
  const close = async () => {
    if (child.pid && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 1500 && child.exitCode === null; tries++) {
    const isUp = await fetch(`${url}/version`).then(
      (reply) => reply.ok,
      () => false,
    );
    if (isUp) return { url, close };
    await sleep(200);
  }
  await close();
  throw new Error("The stock server does not start.");
}
