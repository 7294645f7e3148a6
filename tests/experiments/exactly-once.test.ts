import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRun } from "@/server/experiments";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

const KILLS = 6;
const RUNS = 8;
/** Each holds a point of every key. */
const KEYS = ["loss", "auc", "lr"];
const STEPS_OF_BATCH = 20;

let world: TestWorld;
let a: TestWorkspace;
let key: string;
let child: ChildProcess | undefined;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  key = await a.key("data_scientist");
});
afterAll(async () => {
  child?.kill("SIGKILL");
  await world.close();
});

/** Printed with a failure, so that the moments can be repeated. */
const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 1e9));
let state = SEED;
/** Mulberry32, a number from 0 to 1. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

async function startWeb(port: number): Promise<void> {
  const path = "tests/experiments/support/api-process.ts";
  const args = ["--import", "tsx", path, world.db.url, world.artifactsFolder, String(port)];
  child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit").then(() => "ended");
  const said = await Promise.race([child.stdout ? once(child.stdout, "data") : "", ended]);
  if (said === "ended") throw new Error("The web process does not start.");
}

async function killWeb(): Promise<void> {
  if (!child) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** Sends a batch as MLflow's client does: again after every cut connection and every 5xx. */
async function post(url: string, body: string): Promise<number> {
  for (let tries = 1; ; tries++) {
    const status = await fetch(`${url}/api/2.0/mlflow/runs/log-batch`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(5_000),
    }).then(
      async (reply) => {
        await reply.arrayBuffer();
        return reply.status;
      },
      () => 503,
    );
    if (status < 500) {
      expect(status, body).toBe(200);
      return tries;
    }
    await sleep(20);
  }
}

it("leaves each metric once when clients retry and web is killed at random moments", async () => {
  // Below the ports that clients call from, or one of them may take it while nobody listens.
  const port = 20_000 + Math.floor(random() * 10_000);
  const url = `http://127.0.0.1:${port}`;
  await startWeb(port);
  const runIds = await Promise.all(
    Array.from({ length: RUNS }, async () => (await createRun(a.as("admin"), {})).id),
  );
  let isOver = false;
  let retries = 0;
  const steps = runIds.map(() => 0);
  const log = async (runId: string, at: number) => {
    while (!isOver) {
      const from = steps[at] ?? 0;
      steps[at] = from + STEPS_OF_BATCH;
      const metrics = KEYS.flatMap((name) =>
        Array.from({ length: STEPS_OF_BATCH }, (_, i) => ({
          key: name,
          step: from + i,
          timestamp: 1_700_000_000_000 + from + i,
          value: (from + i) % 7,
        })),
      );
      // Every third batch takes the way of parameters and tags, too.
      const more = (from / STEPS_OF_BATCH) % 3 === 0 ? [{ key: `p${from}`, value: "1" }] : [];
      const body = JSON.stringify({ run_id: runId.replaceAll("-", ""), metrics, params: more });
      retries += (await post(url, body)) - 1;
      // Some clients send once more although they were answered.
      if (random() < 0.2) await post(url, body);
    }
  };
  const clients = runIds.map(log);
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(50 + random() * 400);
    await killWeb();
    await startWeb(port);
  }
  await sleep(200);
  isOver = true;
  await Promise.all(clients);

  const found = await asOwner(
    world.db.ownerUrl,
    `select m.run_id, m.key, count(*)::int as stored, count(distinct m.step)::int as steps, max(m.step)::int as last,
       l.points::int as counted, l.step::int as latest, l.min_value, l.min_step::int, l.max_value, l.max_step::int
     from run_metrics m join run_latest_metrics l using (workspace_id, run_id, key)
     group by m.run_id, m.key, l.points, l.step, l.min_value, l.min_step, l.max_value, l.max_step
     order by m.run_id, m.key`,
  );
  const expected = runIds
    .flatMap((run_id, at) =>
      KEYS.map((name) => {
        const sent = steps[at] ?? 0;
        const once_ = {
          stored: sent,
          steps: sent,
          last: sent - 1,
          counted: sent,
          latest: sent - 1,
        };
        const values = { min_value: 0, min_step: 0, max_value: 6, max_step: 6 };
        return { run_id, key: name, ...once_, ...values };
      }),
    )
    .toSorted((x, y) => (`${x.run_id} ${x.key}` < `${y.run_id} ${y.key}` ? -1 : 1));
  process.stdout.write(`${KILLS} kills, ${retries} retries, seed ${SEED}\n`);
  expect(found, `seed ${SEED}`).toEqual(expected);
  expect(retries).toBeGreaterThan(0);
}, 480_000);
