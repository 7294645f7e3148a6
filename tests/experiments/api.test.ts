import { Readable } from "node:stream";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRun, logBatch, putRunArtifact } from "@/server/experiments";
import type { AppRouter } from "@/server/trpc/root";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let server: TestServer;
let key: string;
let runId: string;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  server = await startTestServer(world);
  key = await a.key("data_scientist");
  runId = (await createRun(a.as("admin"), { experimentName: "churn", name: "first" })).id;
  await logBatch(a.as("admin"), {
    runId,
    metrics: [
      { key: "loss/val", value: 0.5, timestamp: 1, step: 0 },
      { key: "loss/val", value: Number.NaN, timestamp: 2, step: 1 },
    ],
  });
  await putRunArtifact(a.as("admin"), {
    owner: { kind: "run", id: runId },
    path: "model/model.onnx",
    content: Readable.from(["0123456789"]),
  });
});
afterAll(async () => {
  await server.close();
  await world.close();
});

async function rest(method: string, path: string, body?: unknown, as = key) {
  const reply = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${as}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, body: text.startsWith("{") ? JSON.parse(text) : text };
}

describe("REST", () => {
  it("makes, shows, renames, hides and restores experiments by id, number and name", async () => {
    const made = await rest("POST", "/experiments", { name: "weekly study" });
    expect(made).toMatchObject({ status: 201, body: { name: "weekly study", runCount: 0 } });
    for (const ref of [made.body.id, made.body.number, "weekly%20study"]) {
      expect((await rest("GET", `/experiments/${ref}`)).body.id).toBe(made.body.id);
    }
    const path = `/experiments/${made.body.id}`;
    expect((await rest("PATCH", path, { description: "x" })).body.description).toBe("x");
    expect((await rest("DELETE", path)).status).toBe(204);
    expect((await rest("DELETE", path)).status).toBe(409);
    expect((await rest("POST", `${path}/restore`)).status).toBe(204);
    const list = await rest("GET", "/experiments?sort=name&order=asc&limit=2");
    expect(list.body.items.map((e: { name: string }) => e.name)).toEqual(["Default", "churn"]);
    expect(list.body.nextCursor).not.toBeNull();
  });

  it("lists runs of an experiment and of all, starts, ends, hides and restores one", async () => {
    const made = await rest("POST", "/runs", { experimentName: "churn", name: "second" });
    expect(made).toMatchObject({ status: 201, body: { status: "RUNNING" } });
    const names = async (path: string) =>
      (await rest("GET", path)).body.items.map((run: { name: string }) => run.name);
    expect(await names("/experiments/churn/runs")).toEqual(["second", "first"]);
    expect(await names("/runs?sort=metric&metric=loss%2Fval")).toEqual(["first", "second"]);
    const path = `/runs/${made.body.id}`;
    const ended = await rest("PATCH", path, { status: "FINISHED" });
    expect(ended.body.endTime).not.toBeNull();
    expect((await rest("DELETE", path)).status).toBe(204);
    expect(await names("/runs?view=deleted")).toEqual(["second"]);
    expect((await rest("POST", `${path}/restore`)).status).toBe(204);
    expect((await rest("GET", path)).body).toMatchObject({ name: "second", inputs: [] });
  });

  it("gives the series of metrics, with null where a value is not a number", async () => {
    const { body } = await rest("GET", `/runs/${runId}/metrics?keys=loss/val,none&maxPoints=100`);
    expect(body.series).toEqual([
      {
        key: "loss/val",
        totalPoints: 2,
        sampled: false,
        firstTimestamp: 1,
        points: [
          { step: 0, timestamp: 1, value: 0.5 },
          { step: 1, timestamp: 2, value: null },
        ],
      },
      { key: "none", totalPoints: 0, sampled: false, firstTimestamp: null, points: [] },
    ]);
    const part = await rest("GET", `/runs/${runId}/metrics?keys=loss/val&from=1`);
    expect(part.body.series[0].points.map((point: { step: number }) => point.step)).toEqual([1]);
    const early = await rest("GET", `/runs/${runId}/metrics?keys=loss/val&to=1&axis=time`);
    expect(early.body.series[0].points.map((point: { step: number }) => point.step)).toEqual([0]);
    expect((await rest("GET", `/runs/${runId}/metrics?keys=a&from=2&to=1`)).status).toBe(422);
    expect((await rest("GET", `/runs/${runId}/metrics`)).status).toBe(422);
    expect((await rest("GET", `/runs/${runId}/metrics?keys=,`)).status).toBe(422);
    expect((await rest("GET", `/runs/${runId}/metrics?keys=a&maxPoints=1`)).status).toBe(422);
  });

  it("lists files and downloads them, whole or in part, by a path with slashes", async () => {
    expect((await rest("GET", `/runs/${runId}/artifacts?path=model`)).body.items).toEqual([
      {
        path: "model/model.onnx",
        isDirectory: false,
        sizeBytes: 10,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    const file = `${server.url}/api/v1/runs/${runId}/artifacts/model/model.onnx`;
    const headers = { authorization: `Bearer ${key}` };
    expect(await (await fetch(file, { headers })).text()).toBe("0123456789");
    const part = await fetch(file, { headers: { ...headers, range: "bytes=-3" } });
    expect([part.status, await part.text()]).toEqual([206, "789"]);
    for (const bad of ["a%5Cb", "%2e%2e%2fx", "a%00", "a%2f%2fb"]) {
      const reply = await rest("GET", `/runs/${runId}/artifacts/${bad}`);
      expect([404, 422], `${bad} ${reply.status}`).toContain(reply.status);
    }
    expect((await rest("GET", `/runs/${runId}/artifacts/none`)).status).toBe(404);
  });

  it("shows nothing to another workspace and lets a viewer write nothing", async () => {
    const other = await (await world.workspace()).key("admin");
    for (const path of ["", "/metrics?keys=a", "/artifacts", "/artifacts/model/model.onnx"]) {
      expect((await rest("GET", `/runs/${runId}${path}`, undefined, other)).status).toBe(404);
    }
    const viewer = await a.key("viewer");
    expect((await rest("GET", `/runs/${runId}`, undefined, viewer)).status).toBe(200);
    for (const [method, path, body] of [
      ["POST", "/experiments", { name: "x" }],
      ["PATCH", "/experiments/churn", {}],
      ["DELETE", "/experiments/churn", undefined],
      ["POST", "/runs", {}],
      ["PATCH", `/runs/${runId}`, {}],
      ["DELETE", `/runs/${runId}`, undefined],
    ] as const) {
      expect((await rest(method, path, body, viewer)).status, `${method} ${path}`).toBe(403);
    }
  });

  it("answers nonsense with 4xx", async () => {
    const paths = [
      "/runs/x",
      "/runs/%00",
      "/experiments/%00",
      "/experiments/nobody",
      "/runs?cursor=x",
    ];
    for (const path of paths) {
      const { status } = await rest("GET", path);
      expect(status, path).toBeGreaterThanOrEqual(400);
      expect(status, path).toBeLessThan(500);
    }
    expect((await rest("POST", "/runs", { experimentId: "1", experimentName: "x" })).status).toBe(
      422,
    );
    expect((await rest("POST", "/runs", { startTime: 1e300 })).status).toBe(422);
    expect((await rest("POST", "/experiments", { name: "x", surprise: 1 })).status).toBe(422);
  });
});

it("answers the same over tRPC", async () => {
  const client = createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${server.url}/api/trpc`,
        headers: { authorization: `Bearer ${key}` },
      }),
    ],
  });
  const { experiments } = client;
  const page = await experiments.list.query({ search: "churn" });
  expect(page.items[0]).toMatchObject({ name: "churn", number: 1 });
  expect((await experiments.get.query({ experiment: "churn" })).runCount).toBeGreaterThan(0);
  const runs = await experiments.listRuns.query({ experiment: "churn", search: "first" });
  expect(runs.items[0]?.id).toBe(runId);
  expect((await experiments.getRun.query({ runId })).counts.artifacts).toBe(1);
  const history = await experiments.metricHistory.query({ runId, keys: ["loss/val"] });
  expect(history.series[0]?.points).toHaveLength(2);
  const files = await experiments.listArtifacts.query({ runId });
  expect(files.items).toEqual([
    { path: "model", isDirectory: true, sizeBytes: null, sha256: null },
  ]);
  const made = await experiments.create.mutate({ name: "by trpc" });
  expect(made.name).toBe("by trpc");
});
