import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@/server/supervisor/free-port";
import { TEST_SECRET } from "../support/test-secret";
import type { TestWorld } from "../support/workspace";

export interface WebProcess {
  url: string;
  /** Ends the process at once, as a power cut would. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** The web process as it runs in an installation, over the database of a test world. */
export async function startWebProcess(world: TestWorld, port?: number): Promise<WebProcess> {
  const home = await mkdtemp(join(tmpdir(), "modelyard-web-"));
  const at = port ?? (await freePort());
  const child = spawn(process.execPath, ["--import", "tsx", "server/main.ts"], {
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      DATABASE_URL: world.db.ownerUrl,
      MODELYARD_SECRET: TEST_SECRET,
      MODELYARD_HOME: home,
      PORT: String(at),
      MODELYARD_URL: `http://127.0.0.1:${at}`,
      LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "silent",
    },
  });
  const ended = once(child, "exit");
  const stop = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${at}`;
  await untilHealthy(url, child);
  return { url, kill: () => stop("SIGKILL"), close: () => stop("SIGTERM") };
}

async function untilHealthy(url: string, child: { exitCode: number | null }): Promise<void> {
  const end = Date.now() + 180_000;
  while (
    !(await fetch(`${url}/health`).then(
      (reply) => reply.ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error(`The web process ended with ${child.exitCode}.`);
    if (Date.now() > end) throw new Error("The web process does not become healthy.");
    await sleep(100);
  }
}
