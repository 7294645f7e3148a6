import { randomUUID } from "node:crypto";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deleteDeployment } from "@/server/deployments";
import { newId } from "@/server/kernel/ids";
import { registerBatchRows } from "@/server/predictions/jobs/batch-metrics";
import { LogWriter } from "@/server/predictions/logs/log-writer";
import { PredictionMetrics } from "@/server/predictions/metrics";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import type { TestWorkspace } from "../support/workspace";
import { datasetOf, finishJob } from "./jobs/batch-world";
import {
  call,
  type PredictionServer,
  startPredictionServer,
  until,
} from "./support/prediction-server";

let world: DeployedWorld;
let server: PredictionServer;
let a: TestWorkspace;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  server = await startPredictionServer(world, world.nodes, undefined, true);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/;

/** Reads the text format as Prometheus does and refuses what promtool would; series to value. */
function parseExposition(text: string): Map<string, number> {
  const types = new Map<string, string>();
  const series = new Map<string, number>();
  expect(text.endsWith("\n")).toBe(true);
  for (const line of text.trimEnd().split("\n")) {
    if (line === "" || line.startsWith("# HELP ")) continue;
    if (line.startsWith("# TYPE ")) {
      const [, , name = "", type = ""] = line.split(" ");
      expect(types.has(name), `${name} is told once`).toBe(false);
      types.set(name, type);
      continue;
    }
    const [, name = "", labels = "", value = ""] = LINE.exec(line) ?? [];
    expect(name, line).not.toBe("");
    const family = types.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, "");
    expect(types.has(family), `${name} has a type`).toBe(true);
    expect(series.has(`${name}{${labels}}`), `${line} is told once`).toBe(false);
    expect(Number.isNaN(Number(value.replace("+Inf", "Infinity"))), line).toBe(value === "Nan");
    series.set(`${name}{${labels}}`, Number(value));
  }
  for (const [name, type] of types) if (type === "histogram") checkHistogram(name, series);
  return series;
}

function checkHistogram(name: string, series: Map<string, number>): void {
  const last = new Map<string, number>();
  for (const [key, value] of series) {
    if (!key.startsWith(`${name}_bucket{`)) continue;
    const rest = key.replace(/le="[^"]*",?/, "").replace(/,\}/, "}");
    expect(value, key).toBeGreaterThanOrEqual(last.get(rest) ?? 0);
    last.set(rest, value);
    if (!key.includes('le="+Inf"')) continue;
    const count = rest.replace("_bucket{", "_count{");
    expect(series.get(count), count).toBe(value);
  }
}

const scrape = async () => parseExposition(await server.gateway.metrics.registry.metrics());
const sumOf = (series: Map<string, number>, start: string): number =>
  [...series].filter(([key]) => key.startsWith(start)).reduce((sum, [, value]) => sum + value, 0);

it("tells requests, rows, durations and failures in Triton's families by names and numbers", async () => {
  const made = await deployModel(world, a, "slope");
  const key = await a.key("data_scientist");
  const to = `${server.url}/api/v1/deployments/slope/predict`;
  for (let at = 0; at < 5; at++) {
    await call(to, key, {
      inputs: [
        { a: at, b: 1 },
        { a: 1, b: at },
      ],
    });
  }
  await call(to, key, { input: { a: "x" } });
  const series = await scrape();
  const own = `model="slope",version="1",deployment="${made.deploymentId}"`;
  const of = (name: string) => sumOf(series, `${name}{${own}`);
  expect(of("nv_inference_request_success")).toBe(5);
  expect(of("nv_inference_count")).toBe(10);
  expect(of("nv_inference_request_failure")).toBe(1);
  expect(of("nv_inference_request_duration_us")).toBeGreaterThan(0);
  expect(of("nv_inference_compute_infer_duration_us")).toBeGreaterThan(0);
  expect(sumOf(series, "modelyard_inference_duration_seconds_count")).toBe(5);
  expect(sumOf(series, "modelyard_predictions_total")).toBe(10);
});

it("tells nothing of a deployment that is deleted", async () => {
  const made = await deployModel(world, a, "short-lived");
  const to = `${server.url}/api/v1/deployments/short-lived/predict`;
  await call(to, await a.key("data_scientist"), { input: { a: 1, b: 1 } });
  const told = async () =>
    [...(await scrape()).keys()].filter((key) => key.includes(made.deploymentId)).length;
  expect(await told()).toBeGreaterThan(0);
  await deleteDeployment(a.as("admin"), { deployment: "short-lived" });
  await until(async () => (await told()) === 0);
});

it("counts the rows of batch jobs beside the requests, by version, answered or not", async () => {
  const made = await deployModel(world, a, "batched");
  const registry = new Registry();
  registerBatchRows(registry, world.db.pool, { named: true });
  const told = async () => {
    const series = parseExposition(await registry.metrics());
    return (own: string, outcome: string) =>
      series.get(`modelyard_batch_rows_total{${own},outcome="${outcome}"}`);
  };
  expect((await registry.metrics()).includes("batched")).toBe(false);
  const dataset = await datasetOf(a.as("admin"), "a,b\n1,2\nx,2\n3,4\n");
  await finishJob(a.as("admin"), a.job(), { deployment: "batched", dataset });
  const named = { model: made.modelName, version: "1" };
  await finishJob(a.as("admin"), a.job(), { ...named, dataset });
  const own = `model="batched",version="1",deployment="${made.deploymentId}"`;
  const plain = `model="${made.modelName}",version="1",deployment=""`;
  const first = await told();
  for (const labels of [own, plain]) {
    expect([first(labels, "answered"), first(labels, "failed")]).toEqual([2, 1]);
  }
  await finishJob(a.as("admin"), a.job(), { deployment: "batched", dataset });
  const second = await told();
  expect([second(own, "answered"), second(plain, "answered")]).toEqual([4, 2]);
});

it("grows by no series for names nobody deployed", async () => {
  const key = await a.key("data_scientist");
  const before = (await scrape()).size;
  for (let at = 0; at < 200; at++) {
    const reply = await call(`${server.url}/v2/models/nobody-${at}/infer`, key, { inputs: [] });
    expect(reply.status).toBe(404);
  }
  // The first refusal of a protocol makes its own series, of which there are a fixed few.
  expect((await scrape()).size).toBeLessThanOrEqual(before + 20);
});

it("keeps 200 versions apart and counts all others together, however many there are", async () => {
  const metrics = new PredictionMetrics();
  const writer = new LogWriter(world.db, metrics, { warn: () => undefined });
  for (let at = 0; at < 10_000; at++) {
    writer.counts.add({
      ...{ workspaceId: a.id, requestId: newId(), atMs: Date.now(), deploymentId: randomUUID() },
      ...{ variantId: randomUUID(), versionId: randomUUID(), status: 200, rows: 1, bytes: 1 },
      ...{ inputs: null, outputs: null, error: null, latencyMs: 1, queueMs: 0, computeMs: 0 },
    });
  }
  const series = parseExposition(await metrics.registry.metrics());
  const models = [...series.keys()].filter((key) => key.startsWith("nv_inference_count{"));
  expect(models).toHaveLength(201);
  expect(series.get('nv_inference_count{model="other",version="other",deployment="other"}')).toBe(
    9_800,
  );
  expect(sumOf(series, "nv_inference_count")).toBe(10_000);
});
