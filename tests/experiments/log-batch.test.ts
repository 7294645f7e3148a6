import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createRun,
  deleteRun,
  deleteTag,
  getRun,
  listMetricPoints,
  logBatch,
  setTag,
} from "@/server/experiments";
import { CHANGES_CHANNEL } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
let runId: string;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  a = await world.workspace();
  b = await world.workspace();
  runId = (await createRun(a.as("admin"), { name: "r" })).id;
});

const metric = (key: string, value: number, step = 0, timestamp = 1) => ({
  key,
  value,
  step,
  timestamp,
});

describe("logBatch", () => {
  it("writes metrics, parameters and tags together and leaves no audit row of its own", async () => {
    await logBatch(a.as("data_scientist"), {
      runId,
      metrics: [metric("loss", 0.5), metric("loss", 0.25, 1), metric("auc", 0.9)],
      params: [{ key: "depth", value: "3" }],
      tags: [{ key: "team", value: "risk" }],
    });
    const run = await getRun(a.as("viewer"), { runId });
    expect(run.metrics).toEqual([
      { key: "auc", value: 0.9, step: 0, timestamp: 1 },
      { key: "loss", value: 0.25, step: 1, timestamp: 1 },
    ]);
    expect(run.params).toEqual([{ key: "depth", value: "3" }]);
    expect(run.tags).toEqual([
      { key: "mlflow.runName", value: "r" },
      { key: "team", value: "risk" },
    ]);
    expect(run.counts).toEqual({ params: 1, tags: 2, metrics: 2, artifacts: 0 });
    const actions = await asOwner(
      world.db.ownerUrl,
      "select action from audit_log where workspace_id = $1",
      [a.id],
    );
    expect(actions).toEqual([{ action: "run.created" }]);
  });

  it("cannot reach the run of another workspace, nor another run by a run's key", async () => {
    const key = (id: string): Context => ({
      ...a.as("admin"),
      actor: { type: "apiKey", keyId: newId(), name: "k", role: "data_scientist", runId: id },
    });
    const batch = { runId, metrics: [metric("loss", 1)] };
    for (const ctx of [b.as("admin"), key(newId())]) {
      await expect(logBatch(ctx, batch)).rejects.toMatchObject({ code: "not_found" });
    }
    await logBatch(key(runId), batch);
  });

  it("refuses a viewer", async () => {
    await expect(logBatch(a.as("viewer"), { runId })).rejects.toMatchObject({ code: "forbidden" });
  });

  it("answers conflict for another value of a parameter and keeps nothing of that batch", async () => {
    const params = [{ key: "depth", value: "3" }];
    await logBatch(a.as("admin"), { runId, params });
    await logBatch(a.as("admin"), { runId, params });
    await expect(
      logBatch(a.as("admin"), {
        runId,
        params: [
          { key: "depth", value: "4" },
          { key: "rate", value: "1" },
        ],
        metrics: [metric("loss", 1)],
        tags: [{ key: "t", value: "v" }],
      }),
    ).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Changing param values is not allowed"),
    });
    const run = await getRun(a.as("viewer"), { runId });
    expect(run.params).toEqual(params);
    expect(run.metrics).toEqual([]);
    expect(run.tags.map((tag) => tag.key)).toEqual(["mlflow.runName"]);
  });

  it("lets one of many writers of different values for a parameter win, and tells the others", async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        logBatch(a.as("admin"), { runId, params: [{ key: "seed", value: String(i) }] }),
      ),
    );
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    expect((await getRun(a.as("viewer"), { runId })).params).toHaveLength(1);
  });

  it("answers conflict for a deleted run and not_found for one that never was", async () => {
    await deleteRun(a.as("admin"), { runId });
    await expect(
      logBatch(a.as("admin"), { runId, metrics: [metric("a", 1)] }),
    ).rejects.toMatchObject({ code: "conflict" });
    await expect(
      logBatch(a.as("admin"), { runId: newId(), tags: [{ key: "a", value: "b" }] }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  it("keeps NaN as such, clamps infinities and takes -0 for 0", async () => {
    await logBatch(a.as("admin"), {
      runId,
      metrics: [
        metric("nan", Number.NaN),
        metric("up", Number.POSITIVE_INFINITY),
        metric("down", Number.NEGATIVE_INFINITY),
        metric("zero", -0),
        metric("zero", 0),
        metric("tiny", 5e-324),
      ],
    });
    const { metrics } = await getRun(a.as("viewer"), { runId });
    expect(Object.fromEntries(metrics.map((m) => [m.key, m.value]))).toEqual({
      nan: null,
      up: Number.MAX_VALUE,
      down: -Number.MAX_VALUE,
      zero: 0,
      tiny: 5e-324,
    });
    const zero = await listMetricPoints(a.as("viewer"), { runId, key: "zero" });
    expect(zero.items).toHaveLength(1);
  });

  it("takes batches at the limits and refuses one more, with the number in the message", async () => {
    const entries = (n: number, prefix: string) =>
      Array.from({ length: n }, (_, i) => ({ key: `${prefix}${i}`, value: "v" }));
    const metrics = (n: number) => Array.from({ length: n }, (_, i) => metric(`m${i}`, i));
    const good = [
      { metrics: metrics(1000) },
      { params: entries(100, "p"), tags: entries(100, "t"), metrics: metrics(800) },
    ];
    for (const batch of good) await logBatch(a.as("admin"), { runId, ...batch });
    const bad = [
      { metrics: metrics(1001) },
      { params: entries(101, "p") },
      { tags: entries(101, "t") },
      { params: entries(100, "p"), tags: entries(100, "t"), metrics: metrics(801) },
    ];
    for (const batch of bad) {
      await expect(logBatch(a.as("admin"), { runId, ...batch })).rejects.toThrow(/at most \d+/);
    }
  });

  it("takes keys and values at their longest and refuses one character more", async () => {
    const long = (n: number) => "x".repeat(n);
    await logBatch(a.as("admin"), {
      runId,
      metrics: [metric(long(250), 1)],
      params: [{ key: long(250), value: long(6000) }],
      tags: [{ key: long(250), value: long(8000) }],
    });
    const bad = [
      { metrics: [metric(long(251), 1)] },
      { params: [{ key: "p", value: long(6001) }] },
      { tags: [{ key: "t", value: long(8001) }] },
      { tags: [{ key: long(251), value: "v" }] },
      { tags: [{ key: "t", value: "a\0b" }] },
      { metrics: [metric("m", 1, 2 ** 53)] },
      { metrics: [metric("m", 1, 0, -1)] },
      { metrics: [metric("../m", 1)] },
      { params: [{ key: "a;b", value: "v" }] },
    ];
    for (const batch of bad) {
      await expect(logBatch(a.as("admin"), { runId, ...batch })).rejects.toThrow();
    }
  });

  it("refuses a parameter that is named twice, and takes the last of repeated tags", async () => {
    const twice = [
      { key: "k", value: "1" },
      { key: "k", value: "2" },
    ];
    await expect(logBatch(a.as("admin"), { runId, params: twice })).rejects.toThrow(/Duplicate/);
    await logBatch(a.as("admin"), { runId, tags: twice });
    const { tags } = await getRun(a.as("viewer"), { runId });
    expect(tags.find((tag) => tag.key === "k")?.value).toBe("2");
  });

  it("tells open pages of the run, once for many batches", async () => {
    const client = new Client({ connectionString: world.db.url });
    await client.connect();
    const heard: string[] = [];
    client.on("notification", ({ payload = "" }) => {
      if (payload.startsWith(a.id)) heard.push(payload);
    });
    await client.query(`listen ${CHANGES_CHANNEL}`);
    for (let step = 0; step < 5; step += 1) {
      await logBatch(a.as("admin"), { runId, metrics: [metric("loss", 1, step)] });
    }
    await expect.poll(() => heard.length, { timeout: 30_000 }).toBeGreaterThan(0);
    await client.end();
    expect(new Set(heard)).toEqual(new Set([`${a.id} experiments ${runId}`]));
    expect(heard.length).toBeLessThan(5);
  });
});

describe("tags of a run", () => {
  it("are set, replaced and removed; the name's tag renames the run", async () => {
    await setTag(a.as("data_scientist"), { runId, key: "k", value: "1" });
    await setTag(a.as("data_scientist"), { runId, key: "k", value: "2" });
    await setTag(a.as("data_scientist"), { runId, key: "mlflow.runName", value: "better" });
    expect(await getRun(a.as("viewer"), { runId })).toMatchObject({
      name: "better",
      tags: [
        { key: "k", value: "2" },
        { key: "mlflow.runName", value: "better" },
      ],
    });
    await deleteTag(a.as("data_scientist"), { runId, key: "k" });
    expect((await getRun(a.as("viewer"), { runId })).tags).toHaveLength(1);
  });

  it("cannot be reached from another workspace", async () => {
    const tag = { runId, key: "k", value: "v" };
    await expect(setTag(b.as("admin"), tag)).rejects.toMatchObject({ code: "not_found" });
    await expect(deleteTag(b.as("admin"), tag)).rejects.toMatchObject({ code: "not_found" });
  });

  it("cannot be written by a viewer", async () => {
    const tag = { runId, key: "k", value: "v" };
    await expect(setTag(a.as("viewer"), tag)).rejects.toMatchObject({ code: "forbidden" });
    await expect(deleteTag(a.as("viewer"), tag)).rejects.toMatchObject({ code: "forbidden" });
  });

  it("answer not_found when the tag to remove is not there", async () => {
    await expect(deleteTag(a.as("admin"), { runId, key: "none" })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
