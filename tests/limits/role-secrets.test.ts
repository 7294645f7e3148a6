import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/postgres-server";
import { leaksIn } from "./support/canary-calls";

const long = (name: string) => `canary-${name}-${"x".repeat(32)}`;
const SETTINGS = {
  MODELYARD_SECRET: long("secret"),
  MODELYARD_KEK: long("kek"),
  MODELYARD_KEK_PREVIOUS: long("previous-kek"),
  MODELYARD_ADMIN_KEY: long("admin"),
  NEXTAUTH_SECRET: long("next"),
  INNGEST_EVENT_KEY: long("event"),
  INNGEST_SIGNING_KEY: long("signing"),
  S3_SECRET_ACCESS_KEY: long("bucket"),
};
const DATABASE_PASSWORD = "canary-database-password-9911";
const REDIS_PASSWORD = "canary-redis-password-2277";
const canaries = { ...SETTINGS, DATABASE_PASSWORD, REDIS_PASSWORD };

let home: string;
let nobody: number;
const running = new Set<ChildProcess>();
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "modelyard-roles-"));
  nobody = await freePort();
});
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await rm(home, { recursive: true, force: true });
});

/** What a role prints while database, bucket and Redis are away, until it ends or two seconds after its first line. */
async function outputOf(main: string, extra: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, ["--import", "tsx", main], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      LOG_LEVEL: "trace",
      HOST: "127.0.0.1",
      PORT: String(await freePort()),
      MODELYARD_HOME: home,
      DATABASE_URL: `postgres://modelyard:${DATABASE_PASSWORD}@127.0.0.1:${nobody}/modelyard`,
      REDIS_URL: `redis://default:${REDIS_PASSWORD}@127.0.0.1:${nobody}`,
      INNGEST_BASE_URL: `http://127.0.0.1:${nobody}`,
      S3_BUCKET: "b",
      S3_ENDPOINT: `http://127.0.0.1:${nobody}`,
      S3_ACCESS_KEY_ID: "id",
      ...SETTINGS,
      ...extra,
    },
  });
  running.add(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
  }
  const kill = () => child.kill("SIGKILL");
  const late = setTimeout(kill, 90_000);
  // What it prints after it began comes within these two seconds.
  child.stdout.once("data", () => setTimeout(kill, 2_000).unref());
  await once(child, "close");
  clearTimeout(late);
  running.delete(child);
  return text;
}

describe.concurrent("the settings of a role", () => {
  it.each(["server/main.ts", "server/worker.ts", "server/inference-node.ts"])(
    "stay out of all that %s prints while what it needs is away",
    async (main) => {
      const text = await outputOf(main);
      expect(text).not.toBe("");
      expect(leaksIn(text, canaries)).toEqual([]);
    },
    100_000,
  );

  it("stay out of the line that refuses a wrong one", async () => {
    const text = await outputOf("server/worker.ts", {
      MODELYARD_SECRET: "canary-too-short",
      DATABASE_URL: `mysql://u:${DATABASE_PASSWORD}@h/d`,
    });
    expect(text).toMatch(/^Setting \w+ is wrong/);
    expect(leaksIn(text, { ...canaries, short: "canary-too-short" })).toEqual([]);
  }, 100_000);
});
