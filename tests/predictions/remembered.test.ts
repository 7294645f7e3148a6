import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getDeploymentMetrics } from "@/server/deployments";
import { listPredictions } from "@/server/predictions";
import {
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import { mixedModel, mixedSignature } from "../node/support/sample-models";
import type { TestWorkspace } from "../support/workspace";
import { call, type PredictionServer, startPredictionServer } from "./support/prediction-server";

let world: DeployedWorld;
let server: PredictionServer;
let a: TestWorkspace;
let b: TestWorkspace;
let key: string;
let slope: Deployed;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  b = await world.workspace();
  key = await a.key("data_scientist");
  slope = await deployModel(world, a, "slope");
  await deployModel(world, a, "paint", { onnx: mixedModel(), signature: mixedSignature });
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const to = (deployment: string) => `${server.url}/api/v1/deployments/${deployment}/predict`;
const ask = (deployment: string, body: unknown, init?: RequestInit) =>
  call(to(deployment), key, body, init);

describe("remembers", () => {
  it("each request that reached the deployment, with inputs, outputs and times", async () => {
    const made = await deployModel(world, a, "logged");
    const good = await ask("logged", { input: { a: 1, b: 2 } });
    const bad = await ask("logged", { input: { a: "x\u0000", b: 2 } });
    await server.gateway.logs.flush();
    const { items } = await listPredictions(a.as("viewer"), { deployment: "logged" });
    expect(items).toMatchObject([
      { requestId: bad.body.requestId, status: 422, inputs: null, rows: 1 },
      {
        requestId: good.body.requestId,
        status: 200,
        rows: 1,
        inputs: [{ a: 1, b: 2 }],
        outputs: { predictions: [3] },
        versionId: made.versionId,
        versionNumber: 1,
        latencyMs: expect.any(Number),
        computeMs: expect.any(Number),
      },
    ]);
    const errors = await listPredictions(a.as("viewer"), { deployment: "logged", status: "error" });
    expect(errors.items).toHaveLength(1);
    await expect(
      listPredictions(b.as("admin"), { deployment: made.deploymentId }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  it("text that PostgreSQL cannot hold, made harmless", async () => {
    const input = { width: 1, wet: true, color: "a\ud800b" };
    const { status, body } = await ask("paint", { input });
    expect(status).toBe(200);
    await server.gateway.logs.flush();
    const { items } = await listPredictions(a.as("viewer"), { deployment: "paint" });
    const row = items.find((item) => item.requestId === body.requestId);
    expect(row?.inputs).toEqual([{ width: 1, wet: true, color: "a\ufffdb" }]);
  });

  it("latency percentiles and errors in buckets", async () => {
    const made = await deployModel(world, a, "measured");
    for (let i = 0; i < 20; i++) await ask("measured", { input: { a: i, b: i } });
    await ask("measured", {});
    await server.gateway.logs.flush();
    const metrics = await getDeploymentMetrics(a.as("viewer"), {
      deployment: made.deploymentId,
      rangeMinutes: 5,
    });
    expect(metrics).toMatchObject({ requests: 21, errorRate: 0, rangeMinutes: 5 });
    expect(metrics.series).toHaveLength(30);
    expect(metrics.variants).toMatchObject([
      { versionNumber: 1, role: "stable", requests: 20, rows: 20, errorRate: 0, quality: null },
      { variantId: null, requests: 1, refused: 1, rows: 0 },
    ]);
    const day = { deployment: made.deploymentId, timeRange: "24h" };
    const { variants, rangeMinutes } = await getDeploymentMetrics(a.as("viewer"), day);
    expect({ rangeMinutes, requests: variants[0]?.requests }).toEqual({
      rangeMinutes: 1_440,
      requests: 20,
    });
    expect(metrics.series.reduce((sum, point) => sum + point.requests, 0)).toBe(21);
    expect(metrics.p50Ms).toBeGreaterThan(0);
    expect(metrics.p99Ms).toBeGreaterThanOrEqual(metrics.p95Ms ?? Number.POSITIVE_INFINITY);
    expect(metrics.series.at(0)?.p50Ms).toBeNull();
  });

  it("counts for Prometheus, with bounded labels", async () => {
    expect((await ask("slope", { input: { a: 1, b: 2 } })).status).toBe(200);
    const text = await server.gateway.metrics.registry.metrics();
    expect(text).toMatch(/modelyard_prediction_requests_total\{protocol="rest",status="2xx"\} \d+/);
    expect(text).toMatch(/modelyard_prediction_requests_total\{protocol="rest",status="4xx"\} \d+/);
    expect(text).toMatch(/modelyard_prediction_model_cache_hits_total [1-9]/);
    expect(text).toContain(`nv_inference_count{model="${slope.deploymentId}",version="1"`);
    // Everybody may read this: ids are no secret, names are.
    expect(text).not.toMatch(/="[^"]*(?:slope|flowers|paint)[^"]*"/);
  });
});
