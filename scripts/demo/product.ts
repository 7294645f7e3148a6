import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { env } from "@/env";

export interface Product {
  url: string;
  key: string;
  /** Ends the product when this program started it. */
  close(): Promise<void>;
}

const home = (): string => resolve(env().MODELYARD_HOME);

async function running(): Promise<string | undefined> {
  try {
    const { url } = JSON.parse(await readFile(join(home(), "running.json"), "utf8")) as {
      url: string;
    };
    const reply = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) });
    return reply.ok ? url : undefined;
  } catch {
    return undefined;
  }
}

/** The product of this folder: the one that runs, else one started here. */
export async function openProduct(): Promise<Product> {
  const url = process.env.MODELYARD_URL ?? (await running());
  if (url) return { url, key: await localKey(), close: async () => undefined };
  process.stdout.write("No Modelyard runs here: starting one …\n");
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/start.ts"], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, LOG_LEVEL: process.env.LOG_LEVEL ?? "warn" },
  });
  for (;;) {
    const started = await running();
    if (started) return { url: started, key: await localKey(), close: () => end(child) };
    if (child.exitCode !== null) throw new Error("Modelyard did not start.");
    await sleep(300);
  }
}

async function localKey(): Promise<string> {
  return process.env.MODELYARD_API_KEY ?? (await readFile(join(home(), "api-key"), "utf8")).trim();
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGINT");
  await ended;
}
