import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getDeploymentMetrics } from "@/server/deployments";
import { newId } from "@/server/kernel/ids";
import { getPrediction, listPredictions, recordOutcomes } from "@/server/predictions";
import {
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import { classifierModel, classifierSignature } from "../node/support/sample-models";
import type { TestWorkspace } from "../support/workspace";
import { call, type PredictionServer, startPredictionServer } from "./support/prediction-server";

let world: DeployedWorld;
let server: PredictionServer;
let a: TestWorkspace;
let b: TestWorkspace;
let key: string;
let flowers: Deployed;
/** Requests in the order they were made; the last one was refused. */
const made: string[] = [];
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  b = await world.workspace();
  key = await a.key("data_scientist");
  await deployModel(world, a, "slope");
  const flowerModel = { onnx: classifierModel(), signature: classifierSignature() };
  flowers = await deployModel(world, a, "flowers", flowerModel, "staging");
  server = await startPredictionServer(world, world.nodes);
  for (const input of [
    { a: 2, b: 5 },
    { a: 1, b: 1 },
    { a: 0.5, b: 7 },
  ]) {
    const options = { unit: `customer-${input.a}` };
    made.push(String((await ask("slope", { input, options })).body.requestId));
  }
  const refused = await ask("slope", { input: { a: "x" } });
  made.push(String(refused.headers.get("x-request-id")));
  await server.gateway.logs.flush();
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const api = (path: string, body?: unknown, who = key) =>
  call(`${server.url}/api/v1${path}`, who, body);
const ask = (deployment: string, body: unknown) => api(`/deployments/${deployment}/predict`, body);
const idsOf = async (query: object): Promise<number[]> => {
  const { items } = await listPredictions(a.as("viewer"), {
    deployment: "slope",
    order: "asc",
    ...query,
  });
  return items.map(({ requestId }) => made.indexOf(requestId));
};

describe("the log", () => {
  it("finds requests by each of its filters, and by all of them together", async () => {
    expect(await idsOf({})).toEqual([0, 1, 2, 3]);
    expect(await idsOf({ status: "ok" })).toEqual([0, 1, 2]);
    expect(await idsOf({ status: "refused" })).toEqual([3]);
    expect(await idsOf({ status: "failed" })).toEqual([]);
    expect(await idsOf({ unit: "customer-1" })).toEqual([1]);
    expect(await idsOf({ feature: "a", value: "0.5" })).toEqual([2]);
    expect(await idsOf({ feature: "a", value: "x'\u0000\ud800" })).toEqual([]);
    expect(await idsOf({ requestId: made[1] })).toEqual([1]);
    expect(await idsOf({ requestId: randomUUID() })).toEqual([]);
    expect(await idsOf({ latencyAboveMs: 100_000 })).toEqual([]);
    expect(await idsOf({ latencyAboveMs: 0, version: 1, lane: "rest", status: "ok" })).toEqual([
      0, 1, 2,
    ]);
    expect(await idsOf({ version: 2 })).toEqual([]);
    expect(await idsOf({ lane: "grpc" })).toEqual([]);
    const future = new Date(Date.now() + 60_000).toISOString();
    expect(await idsOf({ from: future })).toEqual([]);
    expect(await idsOf({ to: future, variant: "no such" })).toEqual([]);
  });

  it("shows who answered, for whom, and where the time went", async () => {
    const row = await getPrediction(a.as("viewer"), { requestId: made[0] ?? "" });
    expect(row).toMatchObject({
      deploymentName: "slope",
      versionNumber: 1,
      unit: "customer-2",
      lane: "rest",
      isCached: false,
      inputs: [{ a: 2, b: 5 }],
      outputs: { predictions: [7] },
      outcome: null,
    });
    const { latencyMs, nodeMs, queueMs, computeMs } = row;
    expect(nodeMs).toBeLessThanOrEqual(latencyMs);
    expect((queueMs ?? 0) + (computeMs ?? 0)).toBeLessThanOrEqual(nodeMs ?? 0);
    expect(row.batchRows).toBe(1);
  });

  it("gives every request once over pages, in both orders, in one workspace's log", async () => {
    for (const order of ["asc", "desc"] as const) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listPredictions(a.as("viewer"), { limit: 1, order, cursor });
        seen.push(...page.items.map(({ requestId }) => requestId));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect(seen).toEqual(order === "asc" ? made : made.toReversed());
    }
  });

  it("shows another workspace nothing and asks for permission", async () => {
    expect((await listPredictions(b.as("viewer"), {})).items).toEqual([]);
    await expect(listPredictions(b.as("viewer"), { deployment: "slope" })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(getPrediction(b.as("viewer"), { requestId: made[0] ?? "" })).rejects.toMatchObject(
      { code: "not_found" },
    );
    expect((await fetch(`${server.url}/api/v1/predictions`)).status).toBe(401);
  });

  it("cuts long requests in lists and gives them whole by id", async () => {
    const inputs = Array.from({ length: 50 }, (_, at) => ({ a: at, b: 1 }));
    const { body } = await ask("slope", { inputs });
    await server.gateway.logs.flush();
    const requestId = String(body.requestId);
    const [item] = (await listPredictions(a.as("viewer"), { requestId })).items;
    expect(item?.inputs).toHaveLength(20);
    expect((item?.outputs as { predictions?: number[] } | undefined)?.predictions).toHaveLength(20);
    const whole = await getPrediction(a.as("viewer"), { requestId });
    expect(whole.inputs).toHaveLength(50);
  });

  it("refuses queries it does not understand with 4xx", async () => {
    for (const query of [
      "from=yesterday",
      "version=0",
      "version=99999999999",
      "latencyAboveMs=-1",
      "hasOutcome=maybe",
      "requestId=1",
      "status=great",
      "cursor=xx",
    ]) {
      const { status } = await api(`/predictions?${query}`);
      expect([400, 422], query).toContain(status);
    }
  });
});

describe("the export", () => {
  it("is CSV, a line a request", async () => {
    const { status, body, headers } = await api("/predictions/export?deployment=slope&status=ok");
    expect(status).toBe(200);
    expect(headers.get("content-disposition")).toContain("predictions.csv");
    const lines = String(body.text).trimEnd().split("\r\n");
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(/^"at","request_id","deployment"/);
    expect(lines.at(-1)).toContain('"[{""a"":2,""b"":5}]"');
  });

  it("is Parquet that DuckDB reads, over more than a page", async () => {
    for (let at = 0; at < 260; at++) {
      server.gateway.logs.push({
        ...{ workspaceId: a.id, requestId: newId(), atMs: Date.now() - 86_400_000 },
        ...{ deploymentId: flowers.deploymentId, variantId: null, versionId: null },
        ...{ status: 200, rows: 1, inputs: [{ at }], outputs: null, error: null },
        ...{ latencyMs: at, queueMs: null, computeMs: null, bytes: 300 },
      });
    }
    await server.gateway.logs.flush();
    const folder = await mkdtemp(join(tmpdir(), "modelyard-predictions-"));
    const file = join(folder, "predictions.parquet");
    const reply = await fetch(
      `${server.url}/api/v1/predictions/export?deployment=flowers&format=parquet`,
      { headers: { authorization: `Bearer ${key}` } },
    );
    await writeFile(file, Buffer.from(await reply.arrayBuffer()));
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const read = await connection.runAndReadAll(
      `select count(*)::int, sum(latency_ms)::int, count(distinct request_id)::int from '${file}'`,
    );
    expect(read.getRows()).toEqual([[260, (259 * 260) / 2, 260]]);
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  });
});

describe("outcomes", () => {
  it("may be told before the row is written, again, and corrected", async () => {
    const { body } = await ask("slope", { input: { a: 3, b: 3 } });
    const requestId = String(body.requestId);
    const told = await api(`/predictions/${requestId}/outcome`, { outcome: 5 });
    expect(told).toMatchObject({ status: 200, body: { recorded: 1 } });
    await server.gateway.logs.flush();
    const read = async () => (await getPrediction(a.as("viewer"), { requestId })).outcome;
    expect(await read()).toEqual([5]);
    await api(`/predictions/${requestId}/outcome`, { outcome: 5 });
    expect(await read()).toEqual([5]);
    const at = "2026-01-02T03:04:05.000Z";
    await api(`/predictions/${requestId}/outcome`, { outcome: { y: 6 }, at });
    expect(await read()).toEqual([6]);
    expect((await getPrediction(a.as("viewer"), { requestId })).outcomeAt).toBe(at);
    const { items } = await listPredictions(a.as("viewer"), { hasOutcome: true });
    expect(items.map((one) => one.requestId)).toEqual([requestId]);
  });

  it("of another workspace's request stay its own and change nothing there", async () => {
    const requestId = made[0] ?? "";
    await recordOutcomes(b.as("data_scientist"), { outcomes: [{ requestId, outcome: 1 }] });
    expect((await getPrediction(a.as("viewer"), { requestId })).outcome).toBeNull();
  });

  it("need the permission to predict, ids of requests and values of one label", async () => {
    const requestId = made[0] ?? "";
    await expect(
      recordOutcomes(a.as("viewer"), { outcomes: [{ requestId, outcome: 1 }] }),
    ).rejects.toMatchObject({ code: "forbidden" });
    const path = `/predictions/${requestId}/outcome`;
    for (const outcome of [undefined, {}, { a: 1, b: 2 }, [], [[1]], { a: { b: 1 } }]) {
      expect((await api(path, { outcome })).status, JSON.stringify(outcome)).toBe(422);
    }
    expect((await api(path, { outcome: 1, at: "soon" })).status).toBe(422);
    expect((await api(`/predictions/${randomUUID()}/outcome`, { outcome: 1 })).status).toBe(422);
    expect((await api("/predictions/outcomes", { outcomes: [] })).status).toBe(422);
  });

  it("become mean errors of regressions and accuracy of classifications, by variant", async () => {
    const outcomes = [
      { requestId: made[0] ?? "", outcome: 8 },
      { requestId: made[1] ?? "", outcome: { y: -1 } },
    ];
    const batch = await api("/predictions/outcomes", { outcomes: [...outcomes, outcomes[0]] });
    expect(batch).toMatchObject({ status: 200, body: { recorded: 2 } });
    const { variants } = await getDeploymentMetrics(a.as("viewer"), { deployment: "slope" });
    // Predicted were 7, 2 and 6; the last outcome was told in the test before.
    const { quality } = variants.find((one) => one.quality) ?? {};
    expect(quality).toMatchObject({ outcomes: 3, accuracy: null });
    expect(quality?.mae).toBeCloseTo((1 + 3 + 0) / 3, 12);
    expect(quality?.rmse).toBeCloseTo(Math.sqrt((1 + 9 + 0) / 3), 12);

    const inputs = Array.from({ length: 4 }, (_, at) => ({ x0: at, x1: 0, x2: 0, x3: 0 }));
    const { body } = await ask("flowers", { inputs });
    await server.gateway.logs.flush();
    const [first, ...rest] = body.predictions as string[];
    const requestId = String(body.requestId);
    await recordOutcomes(a.as("data_scientist"), {
      outcomes: [
        { requestId, outcome: [{ target: first ?? "" }, rest[0] ?? "", rest[1] ?? "", "neither"] },
      ],
    });
    const measured = await getDeploymentMetrics(a.as("viewer"), { deployment: "flowers" });
    expect(measured.variants.find((one) => one.quality)?.quality).toEqual({
      outcomes: 4,
      accuracy: 0.75,
      mae: null,
      rmse: null,
    });
  });
});
