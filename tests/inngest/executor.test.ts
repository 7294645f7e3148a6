import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "@/db/client";
import { createEmbeddedTransport, listRuns } from "@/inngest/embedded";
import { createTestDatabase } from "../support/database";
import { Bench } from "./bench";
import { pause } from "./cases/case";
import { until } from "./driver";
import { createClient, SILENT } from "./embedded-driver";

let bench: Bench;
beforeAll(async () => {
  bench = new Bench(await createTestDatabase());
});
afterAll(() => bench.close());

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
    const executor = await bench.startExecutor(client, transport, [fn], { pool: own.pool });
    await until(() => seen.length > 0);
    await pause(150);
    expect(seen).toEqual([{ n: 1 }]);
    expect(await listRuns(own.pool, { eventId: early.ids[0] })).toHaveLength(1);
    await executor.stop();
    await own.close();
  });

  it("offers a recent event to a function that a newer worker registers", async () => {
    const { client, transport } = bench.producer();
    const older = client.createFunction({ id: "older", triggers: { event: "older" } }, () => 1);
    const first = await bench.startExecutor(client, transport, [older]);
    const { ids } = await client.send({ name: "newer" });
    await first.stop();
    const newer = client.createFunction({ id: "newer", triggers: { event: "newer" } }, () => 2);
    await bench.startExecutor(client, transport, [older, newer]);
    expect((await bench.ended(ids[0])).status).toBe("completed");
  });

  it("hears within the poll of events sent by another process's pool", async () => {
    const { client, transport } = bench.producer();
    const fn = client.createFunction({ id: "far", triggers: { event: "far" } }, () => 1);
    await bench.startExecutor(client, transport, [fn], { pollMs: 60_000 });
    await pause(200);
    const other = openDatabase(bench.db.url, 2);
    const far = createClient(createEmbeddedTransport({ pool: other.pool, log: SILENT }));
    const begin = Date.now();
    const { ids } = await far.send({ name: "far" });
    await bench.ended(ids[0]);
    expect(Date.now() - begin).toBeLessThan(30_000);
    await other.pool.end();
  });

  it("stops starting a function that its app no longer serves", async () => {
    const { client, transport } = bench.producer();
    const a = client.createFunction({ id: "kept", triggers: { event: "both" } }, () => "kept");
    const b = client.createFunction({ id: "gone", triggers: { event: "both" } }, () => "gone");
    const first = await bench.startExecutor(client, transport, [a, b]);
    await first.stop();
    await bench.startExecutor(client, transport, [a]);
    const { ids } = await client.send({ name: "both" });
    await bench.ended(ids[0]);
    const runs = await listRuns(bench.db.pool, { eventId: ids[0] });
    expect(runs.map((run) => run.functionId)).toEqual([`${client.id}-kept`]);
  });

  it("answers the first sending's id to a repeated event id", async () => {
    const { client } = bench.producer();
    const one = await client.send({ name: "same", id: "outbox-1" });
    const two = await client.send([
      { name: "same", id: "outbox-1" },
      { name: "same", id: "outbox-2" },
    ]);
    expect(two.ids[0]).toBe(one.ids[0]);
    expect(two.ids[1]).not.toBe(one.ids[0]);
  });
});

it("goes on through the steps after a race while a loser still runs", async () => {
  const { client, transport } = bench.producer();
  const order: string[] = [];
  const fn = client.createFunction(
    { id: "race", triggers: { event: "race" } },
    async ({ step, group }) => {
      await group.parallel({ mode: "race" }, () =>
        Promise.race([
          step.run("slow", async () => {
            await pause(2500);
            order.push("slow");
          }),
          step.run("fast", () => "fast"),
        ]),
      );
      await step.run("after-1", () => order.push("after-1"));
      await step.run("after-2", () => order.push("after-2"));
    },
  );
  await bench.startExecutor(client, transport, [fn]);
  const { ids } = await client.send({ name: "race" });
  expect((await bench.ended(ids[0])).status).toBe("completed");
  expect(order).toEqual(["after-1", "after-2", "slow"]);
});

describe("several executors", () => {
  it("keep a shared limit exactly and run every job once", async () => {
    const { client, transport } = bench.producer();
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
    for (let i = 0; i < 3; i++) await bench.startExecutor(client, transport, [fn], { workers: 8 });
    const { ids } = await client.send(Array.from({ length: 40 }, () => ({ name: "limited" })));
    for (const id of ids) await bench.ended(id);
    expect(count).toBe(40);
    expect(most).toBe(3);
  });

  it("fire a cron once each, and missed ticks once together", async () => {
    const { client, transport } = bench.producer();
    let clock = new Date("2026-07-01T06:59:30Z");
    const fired: string[] = [];
    const fn = client.createFunction(
      { id: "daily", triggers: { cron: "TZ=Europe/Paris 0 9 * * *" } },
      async ({ event }) => {
        fired.push(`${event.name} ${(event.data as { cron: string }).cron}`);
      },
    );
    const options = { now: () => clock };
    for (let i = 0; i < 2; i++) await bench.startExecutor(client, transport, [fn], options);
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
