import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createInngest } from "@/inngest/client";
import { createEmbeddedExecutor } from "@/inngest/embedded";
import { registryFunctions } from "@/inngest/registry";
import { OutboxRelay } from "@/inngest/relay";
import type { Context } from "@/server/kernel/context";
import {
  failBenchmark,
  finishBenchmark,
  getBenchmark,
  requestStage,
  runBenchmarkVersion,
} from "@/server/registry";
import { createBenchmark } from "@/server/registry/benchmarks/create-benchmark";
import { cancelBenchmark } from "@/server/registry/benchmarks/end-benchmark";
import { listBenchmarks } from "@/server/registry/benchmarks/list-benchmarks";
import { updateStage } from "@/server/registry/stages/update-stage";
import { auditActions } from "../access/people";
import { upload } from "../datasets/upload-form";
import {
  addVersion,
  createDeployedWorld,
  type DeployedWorld,
  makeModel,
  silent,
  slopeModel,
  type TestModel,
} from "../deployments/support/deployed-world";
import { classifierModel, classifierSignature } from "../node/support/sample-models";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import type { TestWorkspace } from "../support/workspace";

let world: DeployedWorld;
let server: TestServer;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createDeployedWorld();
  server = await startTestServer(world);
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(async () => {
  await server.close();
  await world.close();
});

/** y = 2a + b, so that a slope of 2 is right and a slope of 1 is wrong by a. */
const LINES = Array.from(
  { length: 1_200 },
  (_, i) => `${i % 10},${i % 7},${2 * (i % 10) + (i % 7)}`,
);

async function dataset(csv: string): Promise<string> {
  const name = `d-${randomUUID().slice(0, 8)}`;
  const reply = await upload(server.url, await a.key("admin"), name, csv);
  if (reply.status !== 201) throw new Error(JSON.stringify(reply.body));
  return reply.body.id;
}

async function model(...models: TestModel[]): Promise<string> {
  const { id } = await makeModel(a.as("admin"), `m-${randomUUID().slice(0, 8)}`);
  for (const one of models) await addVersion(a.as("admin"), id, one);
  return id;
}

/** Does what the Inngest function does. */
async function measure(ctx: Context, benchmarkId: string) {
  const { results } = await getBenchmark(ctx, { benchmark: benchmarkId });
  for (const [index, { versionId }] of results.entries()) {
    const run = { benchmarkId, versionId, index, count: results.length };
    if (!(await runBenchmarkVersion(ctx, run))) return;
  }
  await finishBenchmark(ctx, benchmarkId);
}

describe("a benchmark", () => {
  it("measures each version on the dataset's rows through a node, with definitions", async () => {
    const id = await model(slopeModel(2), slopeModel(1));
    const datasetId = await dataset(`a,b,y\n${LINES.join("\n")}\n`);
    const asked = await createBenchmark(a.as("data_scientist"), {
      model: id,
      dataset: datasetId,
      versions: ["1", "2", "latest"],
    });
    expect(asked).toMatchObject({ status: "queued", progress: 0, target: "y", rowsMax: 10_000 });
    expect(asked.results.map(({ status }) => status)).toEqual(["pending", "pending"]);
    await measure(a.job(), asked.id);
    const done = await getBenchmark(a.as("viewer"), { benchmark: asked.id });
    expect(done).toMatchObject({ status: "completed", progress: 1, error: null });
    expect(done.results[0]).toMatchObject({
      versionNumber: 1,
      status: "completed",
      rows: 1_200,
      metrics: { rmse: 0, mae: 0, r2: 1, max_error: 0 },
    });
    const squares = Array.from({ length: 1_200 }, (_, i) => (i % 10) ** 2);
    const mean = squares.reduce((sum, one) => sum + one, 0) / squares.length;
    expect(done.results[1]?.metrics).toMatchObject({
      mae: expect.closeTo(4.5, 10),
      rmse: expect.closeTo(Math.sqrt(mean), 10),
      max_error: 9,
    });
    expect(done.definitions.rmse).toMatchObject({ better: "lower" });
    const { items } = await listBenchmarks(a.as("viewer"), { model: id });
    expect(items).toEqual([done]);
    expect(await auditActions(world, a.id)).toEqual(
      expect.arrayContaining(["benchmark.created", "benchmark.completed"]),
    );
  });

  it("leaves rows away that have no truth or do not fit, and reads as many as asked", async () => {
    const id = await model(slopeModel(2));
    const csv = "a,b,y\n1,1,3\n2,1,\n,1,5\n3,0,6\n4,0,8\n";
    const asked = await createBenchmark(a.as("admin"), {
      model: id,
      dataset: await dataset(csv),
      versions: ["1"],
      rowsMax: 4,
    });
    await measure(a.job(), asked.id);
    const { results } = await getBenchmark(a.as("viewer"), { benchmark: asked.id });
    expect(results[0]).toMatchObject({ rows: 2, metrics: { mae: 0 } });
  });

  it("measures classes by name, whatever type the dataset gives them", async () => {
    const id = await model({ onnx: classifierModel(2), signature: classifierSignature(2) });
    const csv = `x0,x1,target\n${Array.from({ length: 50 }, (_, i) => `${i % 2 ? -1 : 1},0,${i % 2 ? "yes" : "no"}`).join("\n")}\n`;
    const asked = await createBenchmark(a.as("admin"), {
      model: id,
      dataset: await dataset(csv),
      versions: ["1"],
    });
    await measure(a.job(), asked.id);
    const { results } = await getBenchmark(a.as("viewer"), { benchmark: asked.id });
    expect(results[0]).toMatchObject({
      status: "completed",
      rows: 50,
      metrics: { accuracy: 1, roc_auc: 1, f1_macro: 1 },
    });
  });

  it("fails for a version the node refuses, alone", async () => {
    const broken = { ...slopeModel(1), onnx: Buffer.from("no model") };
    const id = await model(slopeModel(2), broken);
    const asked = await createBenchmark(a.as("admin"), {
      model: id,
      dataset: await dataset("a,b,y\n1,1,3\n"),
      versions: ["1", "2"],
    });
    await measure(a.job(), asked.id);
    const done = await getBenchmark(a.as("viewer"), { benchmark: asked.id });
    expect(done).toMatchObject({
      status: "completed",
      results: [{ status: "completed" }, { status: "failed", error: expect.any(String) }],
    });
  });

  it("is refused without the dataset's columns, without a file, for viewers and strangers", async () => {
    const id = await model(slopeModel(2));
    const good = { model: id, dataset: await dataset("a,b,y\n1,1,3\n"), versions: ["1"] };
    const narrow = await dataset("a,y\n1,3\n");
    const refusal = (ctx: Context, changes: object) =>
      expect(createBenchmark(ctx, { ...good, ...changes })).rejects;
    await refusal(a.as("admin"), { dataset: narrow }).toMatchObject({
      code: "validation_failed",
      message: expect.stringContaining("no column b"),
    });
    await refusal(a.as("admin"), { target: "z" }).toMatchObject({ code: "validation_failed" });
    await refusal(a.as("admin"), { versions: ["2"] }).toMatchObject({ code: "not_found" });
    await refusal(a.as("admin"), { versions: [] }).toThrow();
    await refusal(a.as("admin"), { rowsMax: 100_001 }).toThrow();
    await refusal(a.as("viewer"), {}).toMatchObject({ code: "forbidden" });
    await refusal(b.as("admin"), {}).toMatchObject({ code: "not_found" });
    const { id: benchmark } = await createBenchmark(a.as("admin"), good);
    for (const call of [getBenchmark, cancelBenchmark]) {
      await expect(call(b.as("admin"), { benchmark })).rejects.toMatchObject({ code: "not_found" });
    }
    await expect(cancelBenchmark(a.as("viewer"), { benchmark })).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("stops when it is cancelled and stays so; what was measured stays", async () => {
    const id = await model(slopeModel(2), slopeModel(1));
    const { id: benchmarkId, results } = await createBenchmark(a.as("admin"), {
      model: id,
      dataset: await dataset("a,b,y\n1,1,3\n"),
      versions: ["1", "2"],
    });
    const [first] = results;
    const run = { benchmarkId, versionId: first?.versionId ?? "", index: 0, count: 2 };
    await runBenchmarkVersion(a.job(), run);
    expect(await cancelBenchmark(a.as("admin"), { benchmark: benchmarkId })).toMatchObject({
      status: "cancelled",
      results: [{ status: "completed" }, { status: "pending" }],
    });
    expect(await runBenchmarkVersion(a.job(), { ...run, index: 1 })).toBe(false);
    await finishBenchmark(a.job(), benchmarkId);
    await failBenchmark(a.job(), { benchmarkId, error: "late" });
    expect(await getBenchmark(a.as("viewer"), { benchmark: benchmarkId })).toMatchObject({
      status: "cancelled",
      error: null,
    });
    await expect(cancelBenchmark(a.as("admin"), { benchmark: benchmarkId })).rejects.toMatchObject({
      code: "conflict",
    });
  });
});

it("opens a gate: a version enters production when its benchmark is good enough", async () => {
  const id = await model(slopeModel(2), slopeModel(1));
  const datasetId = await dataset("a,b,y\n1,1,3\n2,0,4\n");
  const gate = { type: "benchmark", dataset: datasetId, metric: "mae", operator: "<=" } as const;
  await updateStage(a.as("admin"), {
    stage: "production",
    gates: [{ ...gate, against: { kind: "constant", value: 0.1 } }],
  });
  const enter = (version: string) =>
    requestStage(a.as("admin"), { model: id, version, stage: "production" });
  expect(await enter("1")).toMatchObject({ outcome: "pending" });
  const asked = await createBenchmark(a.as("admin"), {
    model: id,
    dataset: datasetId,
    versions: ["1", "2"],
  });
  await measure(a.job(), asked.id);
  expect(await enter("1")).toMatchObject({ outcome: "moved" });
  expect(await enter("2")).toMatchObject({
    outcome: "pending",
    approval: {
      gates: { atRequest: { outcomes: [{ passed: false, measured: 1.5, bound: 0.1 }] } },
    },
  });
  await updateStage(a.as("admin"), { stage: "production", gates: [] });
});

/** A worker that does what the registry asks for in the background. */
async function startWorker() {
  const inngest = createInngest(world.db.pool, {}, silent);
  if (inngest.mode !== "embedded") throw new Error("the embedded executor is meant here");
  const { client, transport } = inngest;
  const folders = { home: "/tmp", artifacts: "/tmp", training: "/tmp" };
  const jobContext = () => a.job();
  const { pool } = world.db;
  const functions = registryFunctions({ client, db: world.db, jobContext, folders, log: silent });
  const executor = createEmbeddedExecutor({
    pool,
    client,
    functions,
    transport,
    log: silent,
    pollMs: 50,
  });
  await executor.start();
  const relay = new OutboxRelay(pool, (events) => client.send(events), silent);
  return async () => {
    await relay.close();
    await executor.stop();
  };
}

it("runs as background work, and requests that nobody decides expire by it", async () => {
  const id = await model(slopeModel(2));
  const asked = await createBenchmark(a.as("admin"), {
    model: id,
    dataset: await dataset("a,b,y\n1,1,3\n"),
    versions: ["1"],
  });
  await updateStage(a.as("admin"), { stage: "staging", needsApproval: true });
  const ref = { model: id, version: "1", stage: "staging" };
  const { approval } = await requestStage(a.as("admin"), ref);
  const owner = <T extends object>(text: string) =>
    asOwner<T>(world.db.ownerUrl, text, [approval?.id]);
  // Before the worker begins, which reads the time once.
  await owner("update approvals set expires_at = now() where id = $1");
  const states = async () => {
    const [row] = await owner<{ state: string }>("select state from approvals where id = $1");
    const { status } = await getBenchmark(a.as("viewer"), { benchmark: asked.id });
    return `${status} ${row?.state}`;
  };
  const stop = await startWorker();
  try {
    const until = Date.now() + 120_000;
    while (Date.now() < until && (await states()) !== "completed expired") await sleep(100);
    expect(await states()).toBe("completed expired");
  } finally {
    await stop();
  }
}, 180_000);
