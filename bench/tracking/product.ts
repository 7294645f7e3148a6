import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { Client } from "pg";
import { freePort } from "@/server/supervisor/free-port";
import { startPostgres } from "./postgres";
import { EXPERIMENT, seedOurs } from "./seed-runs";

const ADMIN_KEY = "bench-administrator-key-0123456789abcdef";

export interface Product {
  origin: string;
  /** A link that signs in once. */
  signIn: string;
  /** Id of the experiment with the runs. */
  experiment: string;
  stop: () => Promise<void>;
}

/** The whole product as `npm start` runs it, with the runs in its database. */
export async function startProduct(): Promise<Product> {
  const known = process.env.BENCH_SIGN_IN;
  if (known) return openProduct(known, process.env.BENCH_KEY ?? "", async () => undefined);
  const postgres = await startPostgres();
  const ownerUrl = await postgres.createDatabase("bench");
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/start.ts"], {
    cwd: resolve(import.meta.dirname, "../.."),
    env: {
      ...process.env,
      DATABASE_URL: ownerUrl,
      PORT: String(await freePort()),
      MODELYARD_HOME: join(postgres.folder, "home"),
      MODELYARD_ADMIN_KEY: ADMIN_KEY,
      LOG_LEVEL: "warn",
      NODE_ENV: "production",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = async () => {
    if (child.exitCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGINT");
      await ended;
    }
    await postgres.stop();
  };
  try {
    const signIn = await linkOf(child);
    await seedOurs(ownerUrl, await workspaceOf(ownerUrl));
    return await openProduct(signIn, ADMIN_KEY, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openProduct(
  signIn: string,
  key: string,
  stop: () => Promise<void>,
): Promise<Product> {
  const { origin } = new URL(signIn);
  const reply = await fetch(`${origin}/api/v1/experiments/${EXPERIMENT}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  if (!reply.ok) throw new Error(`the experiment: ${reply.status} ${await reply.text()}`);
  const { id } = (await reply.json()) as { id: string };
  return { origin, signIn, experiment: id, stop };
}

async function workspaceOf(ownerUrl: string): Promise<string> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>("select id from workspaces");
    return rows[0]?.id ?? "";
  } finally {
    await client.end();
  }
}

function linkOf(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += String(chunk);
      const link = /Sign in once[^\n]*(http\S+)\s/.exec(text)?.[1];
      if (link) done(link);
    });
    child.once("exit", (code) => fail(new Error(`the product ended with ${code}\n${text}`)));
  });
}
