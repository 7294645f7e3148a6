import type { Inngest, InngestFunction } from "inngest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "@/db/client";
import {
  cancelRun,
  countQueue,
  createEmbeddedExecutor,
  createEmbeddedTransport,
  type ExecutorOptions,
  getRun,
  listRuns,
} from "@/inngest/embedded";
import { asOwner, createTestDatabase, type TestDatabase } from "../support/database";
import { pause } from "./cases/case";
import { until } from "./driver";
import { createClient, SILENT } from "./embedded-driver";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

/** One more executor on the database, for functions of this client. */
async function startExecutor(
  client: Inngest,
  transport: ExecutorOptions["transport"],
  functions: InngestFunction.Any[],
  options: Partial<ExecutorOptions> = {},
) {
  const executor = createEmbeddedExecutor({
    pool: db.pool,
    client,
    functions,
    transport,
    log: SILENT,
    pollMs: 50,
    retryDelayMs: () => 10,
    ...options,
  });
  stops.push(() => executor.stop());
  await executor.start();
  return executor;
}

function producer() {
  const transport = createEmbeddedTransport({ pool: db.pool, log: SILENT });
  return { transport, client: createClient(transport) };
}

async function ended(eventId: string) {
  return until(async () => {
    const [run] = await listRuns(db.pool, { eventId });
    return run?.endedAt ? run : undefined;
  });
}

describe("events and registration", () => {
  it("starts functions for events that came before the first registration", async () => {
    const own = await createTestDatabase();
    const transport = createEmbeddedTransport({ pool: own.pool, log: SILENT });
    const client = createClient(transport);
    const early = await client.send({ name: "early", data: { n: 1 } });
    const seen: unknown[] = [];
    const fn = client.createFunction({ id: "early", triggers: { event: "early" } }, ({ event }) => {
      seen.push(event.data);
    });
    const executor = await startExecutor(client, transport, [fn], { pool: own.pool });
    await until(() => seen.length > 0);
    await pause(150);
    expect(seen).toEqual([{ n: 1 }]);
    expect(await listRuns(own.pool, { eventId: early.ids[0] })).toHaveLength(1);
    await executor.stop();
    await own.close();
  });

  it("offers a recent event to a function that a newer worker registers", async () => {
    const { client, transport } = producer();
    const older = client.createFunction({ id: "older", triggers: { event: "older" } }, () => 1);
    const first = await startExecutor(client, transport, [older]);
    const { ids } = await client.send({ name: "newer" });
    await first.stop();
    const newer = client.createFunction({ id: "newer", triggers: { event: "newer" } }, () => 2);
    await startExecutor(client, transport, [older, newer]);
    expect((await ended(ids[0] ?? "")).status).toBe("completed");
  });

  it("hears within the poll of events sent by another process's pool", async () => {
    const { client, transport } = producer();
    const fn = client.createFunction({ id: "far", triggers: { event: "far" } }, () => 1);
    await startExecutor(client, transport, [fn], { pollMs: 5000 });
    await pause(200);
    const other = openDatabase(db.url, 2);
    const far = createClient(createEmbeddedTransport({ pool: other.pool, log: SILENT }));
    const begin = Date.now();
    const { ids } = await far.send({ name: "far" });
    await ended(ids[0] ?? "");
    expect(Date.now() - begin).toBeLessThan(3000);
    await other.pool.end();
  });

  it("stops starting a function that its app no longer serves", async () => {
    const { client, transport } = producer();
    const a = client.createFunction({ id: "kept", triggers: { event: "both" } }, () => "kept");
    const b = client.createFunction({ id: "gone", triggers: { event: "both" } }, () => "gone");
    const first = await startExecutor(client, transport, [a, b]);
    await first.stop();
    await startExecutor(client, transport, [a]);
    const { ids } = await client.send({ name: "both" });
    await ended(ids[0] ?? "");
    const runs = await listRuns(db.pool, { eventId: ids[0] });
    expect(runs.map((run) => run.functionId)).toEqual([`${client.id}-kept`]);
  });

  it("answers the first sending's id to a repeated event id", async () => {
    const { client } = producer();
    const one = await client.send({ name: "same", id: "outbox-1" });
    const two = await client.send([
      { name: "same", id: "outbox-1" },
      { name: "same", id: "outbox-2" },
    ]);
    expect(two.ids[0]).toBe(one.ids[0]);
    expect(two.ids[1]).not.toBe(one.ids[0]);
  });
});

describe("several executors", () => {
  it("keep a shared limit exactly and run every job once", async () => {
    const { client, transport } = producer();
    let active = 0;
    let most = 0;
    let count = 0;
    const fn = client.createFunction(
      { id: "limited", triggers: { event: "limited" }, concurrency: 3 },
      async ({ step }) => {
        await step.run("work", async () => {
          count++;
          most = Math.max(most, ++active);
          await pause(20);
          active--;
        });
      },
    );
    for (let i = 0; i < 3; i++) await startExecutor(client, transport, [fn], { workers: 8 });
    const { ids } = await client.send(Array.from({ length: 40 }, () => ({ name: "limited" })));
    for (const id of ids) await ended(id);
    expect(count).toBe(40);
    expect(most).toBe(3);
  });

  it("fire a cron once each, and missed ticks once together", async () => {
    const { client, transport } = producer();
    let clock = new Date("2026-07-01T06:59:30Z");
    const fired: string[] = [];
    const fn = client.createFunction(
      { id: "daily", triggers: { cron: "TZ=Europe/Paris 0 9 * * *" } },
      async ({ event }) => {
        fired.push(`${event.name} ${(event.data as { cron: string }).cron}`);
      },
    );
    const options = { now: () => clock };
    for (let i = 0; i < 2; i++) await startExecutor(client, transport, [fn], options);
    await pause(150);
    expect(fired).toEqual([]);
    clock = new Date("2026-07-01T07:00:01Z");
    await until(() => fired.length === 1);
    clock = new Date("2026-07-05T12:00:00Z");
    await until(() => fired.length === 2);
    await pause(200);
    expect(fired).toEqual(Array(2).fill("inngest/scheduled.timer TZ=Europe/Paris 0 9 * * *"));
  });
});

describe("trouble", () => {
  it("goes on after all its database connections were cut", async () => {
    const { client, transport } = producer();
    const fn = client.createFunction(
      { id: "cut", triggers: { event: "cut" } },
      async ({ step }) => {
        await step.run("long", () => pause(600));
        return step.run("after", () => "still here");
      },
    );
    await startExecutor(client, transport, [fn], { pollMs: 100 });
    const { ids } = await client.send({ name: "cut" });
    await pause(300);
    await asOwner(
      db.ownerUrl,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    expect((await ended(ids[0] ?? "")).status).toBe("completed");
  });

  it("ends every run exactly once when events, cancels and timeouts meet", async () => {
    const { client, transport } = producer();
    const fn = client.createFunction(
      {
        id: "storm",
        triggers: { event: "storm" },
        cancelOn: [{ event: "storm/stop", match: "data.n" }],
      },
      async ({ step }) => {
        const got = await step.waitForEvent("w", {
          event: "storm/go",
          timeout: "1s",
          match: "data.n",
        });
        return step.run("end", () => (got ? "event" : "timeout"));
      },
    );
    await startExecutor(client, transport, [fn]);
    const runs = Array.from({ length: 24 }, (_, n) => ({ name: "storm", data: { n } }));
    const { ids } = await client.send(runs);
    await pause(600);
    await Promise.all(
      runs.flatMap(({ data }) => [
        client.send({ name: "storm/go", data }),
        client.send({ name: "storm/stop", data }),
        client.send([
          { name: "storm/stop", data: { n: 23 - data.n } },
          { name: "storm/go", data },
        ]),
      ]),
    );
    for (const id of ids) await ended(id);
    await until(async () => {
      const { rows } = await db.pool.query(
        `SELECT FROM inngest.jobs WHERE function_id = $1
         UNION ALL SELECT FROM inngest.waits w JOIN inngest.runs r ON r.id = w.run_id
         WHERE r.function_id = $1`,
        [`${client.id}-storm`],
      );
      return rows.length === 0;
    });
  });

  it("leaves the result of a step out when its run was cancelled meanwhile", async () => {
    const { client, transport } = producer();
    let after = 0;
    const fn = client.createFunction(
      { id: "stopped", triggers: { event: "stopped" } },
      async ({ step }) => {
        await step.run("long", () => pause(500));
        await step.run("after", () => after++);
      },
    );
    await startExecutor(client, transport, [fn]);
    const { ids } = await client.send({ name: "stopped" });
    const run = await until(async () => {
      const [first] = await listRuns(db.pool, { eventId: ids[0], status: "running" });
      return first;
    });
    expect((await countQueue(db.pool)).running).toBeGreaterThan(0);
    expect(await cancelRun(db.pool, run.id)).toBe(true);
    expect(await cancelRun(db.pool, run.id)).toBe(false);
    await pause(800);
    const detail = await getRun(db.pool, run.id);
    expect(detail).toMatchObject({ status: "cancelled", steps: [] });
    expect(after).toBe(0);
  });

  it("keeps attempts with their errors for people to read", async () => {
    const { client, transport } = producer();
    let tries = 0;
    const fn = client.createFunction({ id: "log", triggers: { event: "log" } }, ({ step }) =>
      step.run("flaky", () => {
        if (++tries < 3) throw new Error(`try ${tries}`);
        return tries;
      }),
    );
    await startExecutor(client, transport, [fn]);
    const { ids } = await client.send({ name: "log", data: { a: 1 } });
    const run = await getRun(db.pool, (await ended(ids[0] ?? "")).id);
    expect(run?.attempts.map((each) => [each.attempt, each.outcome, each.error?.message])).toEqual([
      [0, "retry", "try 1"],
      [1, "retry", "try 2"],
      [2, "ok", undefined],
      [0, "ok", undefined],
    ]);
    expect(run?.steps).toMatchObject([{ name: "flaky", status: "completed", result: 3 }]);
    expect(run?.event).toMatchObject({ name: "log", data: { a: 1 } });
  });
});
