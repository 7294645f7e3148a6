import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "@/server/supervisor/free-port";

const ADMIN_KEY = "supervisor-test-administrator-key-0001";
const START = ["--import", "tsx", "scripts/start.ts"];

let home: string;
let port: number;
let product: ChildProcess;
let output = "";

const environment = (extra: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_ENV: "production",
  PORT: String(port),
  MODELYARD_HOME: home,
  MODELYARD_ADMIN_KEY: ADMIN_KEY,
  LOG_LEVEL: "warn",
  ...extra,
});

async function until(
  what: string,
  check: () => Promise<boolean>,
  timeoutMs = 90_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await check().catch(() => false))) {
    if (Date.now() > end)
      throw new Error(`${what} did not happen within ${timeoutMs} ms\n${output}`);
    await sleep(100);
  }
}

const healthy = async (): Promise<boolean> =>
  (await fetch(`http://127.0.0.1:${port}/health/detailed`)).ok;

const whoAmI = () =>
  fetch(`http://127.0.0.1:${port}/api/v1/me`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  });

/** The children of the supervisor, by what they run. */
function childPids(): Promise<Map<string, number>> {
  return new Promise((resolve, reject) => {
    const ps = spawn("ps", ["-o", "pid=,args=", "--ppid", String(product.pid)]);
    let text = "";
    ps.stdout.on("data", (chunk) => {
      text += chunk;
    });
    ps.once("error", reject);
    ps.once("close", () => {
      const found = new Map<string, number>();
      for (const line of text.split("\n")) {
        const name =
          /dist\/(\w+)\.mjs/.exec(line)?.[1] ?? (/bin\/postgres/.test(line) ? "postgres" : "");
        if (name) found.set(name, Number(line.trim().split(" ")[0]));
      }
      resolve(found);
    });
  });
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "modelyard-product-"));
  await chmod(home, 0o711);
  port = await freePort();
  product = spawn(process.execPath, START, {
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [product.stdout, product.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  await until("the product's start", healthy, 240_000);
}, 250_000);

afterAll(async () => {
  if (product.exitCode === null) product.kill("SIGKILL");
  await rm(home, { recursive: true, force: true });
});

describe("npm start", () => {
  it("prints the address and a one-time sign-in link", async () => {
    await until("the link", async () => /signin\/link\?token=\S{20,}/.test(output));
    expect(output).toContain(`http://127.0.0.1:${port}`);
  });

  it("takes MODELYARD_ADMIN_KEY as an administrator key of the workspace default", async () => {
    const reply = await whoAmI();
    expect(await reply.json()).toMatchObject({
      workspace: { slug: "default" },
      actor: { role: "admin" },
    });
  });

  it("refuses a second start on the same home, in one line", async () => {
    const second = await refusedStart({ PORT: "0" });
    expect(second).toMatch(/runs already on/);
  });

  it.each(["node", "worker", "web", "postgres"])(
    "repairs a kill -9 of %s",
    async (name) => {
      const before = (await childPids()).get(name);
      if (!before) throw new Error(`no process ${name}`);
      process.kill(before, "SIGKILL");
      await until(`a new ${name}`, async () => {
        const pid = (await childPids()).get(name);
        return pid !== undefined && pid !== before && (await healthy()) && (await whoAmI()).ok;
      });
    },
    180_000,
  );

  it("ends every process it started on Ctrl-C", async () => {
    const pids = [...(await childPids()).values()];
    expect(pids).toHaveLength(4);
    const ended = new Promise((resolve) => product.once("exit", resolve));
    product.kill("SIGINT");
    await ended;
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
  }, 180_000);
});

/** Runs a start that must fail; answers what it wrote. */
function refusedStart(extra: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, START, {
      env: environment(extra),
      stdio: ["ignore", "ignore", "pipe"],
    });
    let text = "";
    child.stderr.on("data", (chunk) => {
      text += chunk;
    });
    child.once("exit", (code) =>
      code === 1 ? resolve(text) : reject(new Error(`ended with ${code}`)),
    );
  });
}

describe("a wrong setting", () => {
  it.each([
    ["PORT", "eighty", /^Setting PORT is wrong: .*\n$/],
    ["DATABASE_URL", "mysql://x", /^Setting DATABASE_URL is wrong: .*postgres.*\n$/],
    ["MODELYARD_ADMIN_KEY", "short", /^Setting MODELYARD_ADMIN_KEY is wrong: .*32.*\n$/],
    ["MODELYARD_SECRET", "short", /^Setting MODELYARD_SECRET is wrong: .*32.*\n$/],
    ["INNGEST_BASE_URL", "http://127.0.0.1:8288", /INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY/],
  ])("%s=%s stops the start with one clear line", async (name, value, line) => {
    expect(await refusedStart({ [name]: value })).toMatch(line);
  });
});
