import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cancelRun, countQueue, getRun, listRuns } from "@/inngest/embedded";
import { inTransaction } from "@/inngest/embedded/database";
import { prune } from "@/inngest/embedded/prune";
import { asOwner, createTestDatabase } from "../support/database";
import { Bench } from "./bench";
import { pause } from "./cases/case";
import { until } from "./driver";
import { createClient } from "./embedded-driver";

let bench: Bench;
beforeAll(async () => {
  bench = new Bench(await createTestDatabase());
});
afterAll(() => bench.close());

describe("trouble", () => {
  it("goes on after all its database connections were cut", async () => {
    const { client, transport } = bench.producer();
    const fn = client.createFunction(
      { id: "cut", triggers: { event: "cut" } },
      async ({ step }) => {
        await step.run("long", () => pause(600));
        return step.run("after", () => "still here");
      },
    );
    await bench.startExecutor(client, transport, [fn], { pollMs: 100 });
    const { ids } = await client.send({ name: "cut" });
    await pause(300);
    await asOwner(
      bench.db.ownerUrl,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    expect((await bench.ended(ids[0])).status).toBe("completed");
  });

  it("does a transaction again when the server ends its session", async () => {
    let calls = 0;
    const answer = await inTransaction(bench.db.pool, async (tx) => {
      const { rows } = await tx.query("SELECT pg_backend_pid() AS pid");
      if (++calls === 1) {
        await asOwner(bench.db.ownerUrl, "SELECT pg_terminate_backend($1)", [rows[0].pid]);
      }
      return (await tx.query("SELECT 7 AS n")).rows[0].n;
    });
    expect([answer, calls]).toEqual([7, 2]);
  });

  it("cancels a run that waits past timeouts.start for its turn", async () => {
    const { client, transport } = bench.producer();
    const fn = client.createFunction(
      { id: "queue", triggers: { event: "queue" }, concurrency: 1, timeouts: { start: "1s" } },
      async ({ step }) => {
        await step.run("long", () => pause(2000));
      },
    );
    await bench.startExecutor(client, transport, [fn]);
    const { ids } = await client.send([{ name: "queue" }, { name: "queue" }]);
    expect((await bench.ended(ids[1])).status).toBe("cancelled");
    expect((await bench.ended(ids[0])).status).toBe("completed");
  });

  it("deletes ended runs and their events after the retention, and nothing that is under way", async () => {
    const { client, transport } = bench.producer();
    const fn = client.createFunction({ id: "old", triggers: { event: "old" } }, ({ step, event }) =>
      step.sleep("nap", event.data.long ? "1h" : "1s"),
    );
    await bench.startExecutor(client, transport, [fn]);
    const { ids } = await client.send([
      { name: "old", data: { long: false } },
      { name: "old", data: { long: true } },
    ]);
    await bench.ended(ids[0]);
    await prune(bench.db.pool, 0);
    expect(await listRuns(bench.db.pool, { eventId: ids[0] })).toEqual([]);
    expect(await listRuns(bench.db.pool, { eventId: ids[1] })).toHaveLength(1);
    const { rows } = await bench.db.pool.query(
      "SELECT internal_id AS id FROM inngest.events WHERE internal_id = ANY($1)",
      [ids],
    );
    expect(rows).toEqual([{ id: ids[1] }]);
  });

  it("ends every run exactly once when events, cancels and timeouts meet", async () => {
    const { client, transport } = bench.producer();
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
    await bench.startExecutor(client, transport, [fn]);
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
    for (const id of ids) await bench.ended(id);
    await until(async () => {
      const { rows } = await bench.db.pool.query(
        `SELECT FROM inngest.jobs WHERE function_id = $1
         UNION ALL SELECT FROM inngest.waits w JOIN inngest.runs r ON r.id = w.run_id
         WHERE r.function_id = $1`,
        [`${client.id}-storm`],
      );
      return rows.length === 0;
    });
  });

  it("leaves the result of a step out when its run was cancelled meanwhile", async () => {
    const { client, transport } = bench.producer();
    let after = 0;
    const fn = client.createFunction(
      { id: "stopped", triggers: { event: "stopped" } },
      async ({ step }) => {
        await step.run("long", () => pause(500));
        await step.run("after", () => after++);
      },
    );
    await bench.startExecutor(client, transport, [fn]);
    const { ids } = await client.send({ name: "stopped" });
    const run = await until(async () => {
      const [first] = await listRuns(bench.db.pool, { eventId: ids[0], status: "running" });
      return first;
    });
    expect((await countQueue(bench.db.pool)).running).toBeGreaterThan(0);
    expect(await cancelRun(bench.db.pool, run.id)).toBe(true);
    expect(await cancelRun(bench.db.pool, run.id)).toBe(false);
    await pause(800);
    const detail = await getRun(bench.db.pool, run.id);
    expect(detail).toMatchObject({ status: "cancelled", steps: [] });
    expect(after).toBe(0);
  });

  it("stores each step once when checkpoints are refused and the answer brings them", async () => {
    const { transport } = bench.producer();
    let calls = 0;
    const client = createClient({
      ...transport,
      fetch: async (input, init) =>
        String(input).includes("/v1/checkpoint/")
          ? new Response("{}", { status: 503 })
          : transport.fetch(input, init),
    });
    const fn = client.createFunction(
      { id: "fallback", triggers: { event: "fallback" } },
      async ({ step }) => {
        const a = await step.run("a", () => ++calls);
        return step.run("b", () => a + ++calls);
      },
    );
    await bench.startExecutor(client, transport, [fn]);
    const { ids } = await client.send({ name: "fallback" });
    const run = await getRun(bench.db.pool, (await bench.ended(ids[0])).id);
    expect(run).toMatchObject({ status: "completed", output: 3 });
    expect(run?.steps).toHaveLength(2);
    expect(calls).toBe(2);
  });

  it("keeps attempts with their errors for people to read", async () => {
    const { client, transport } = bench.producer();
    let tries = 0;
    const fn = client.createFunction({ id: "log", triggers: { event: "log" } }, ({ step }) =>
      step.run("flaky", () => {
        if (++tries < 3) throw new Error(`try ${tries}`);
        return tries;
      }),
    );
    await bench.startExecutor(client, transport, [fn]);
    const { ids } = await client.send({ name: "log", data: { a: 1 } });
    const run = await getRun(bench.db.pool, (await bench.ended(ids[0])).id);
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
