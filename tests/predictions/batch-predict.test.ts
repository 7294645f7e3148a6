import { afterAll, beforeAll, expect, it } from "vitest";
import { batchPredict } from "@/server/predictions";
import type { BatchPredictReply } from "@/server/predictions/batch/schemas";
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
let key: string;
let slope: Deployed;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  key = await a.key("data_scientist");
  slope = await deployModel(world, a, "slope");
  const flowers = { onnx: classifierModel(), signature: classifierSignature() };
  await deployModel(world, a, "flowers", flowers, "staging");
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

interface Refusal {
  detail: string;
  issues: { path: string }[];
}
const ask = (body: unknown, deployment = "slope", credential = key) =>
  call(`${server.url}/api/v1/deployments/${deployment}/batch-predict`, credential, body).then(
    (reply) => ({ ...reply, body: reply.body as unknown as BatchPredictReply & Refusal }),
  );
const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ a: i, b: 1 }));

it("answers every row in order, each batch as a request of its own", async () => {
  const options = { batchSize: 300, parallel: 3 };
  const { status, body } = await ask({ inputs: rows(1000), options });
  expect(status).toBe(200);
  expect(body.predictions).toEqual(rows(1000).map(({ a: value }) => value + 1));
  expect(body.deploymentId).toBe(slope.deploymentId);
  expect(body.batches).toMatchObject([
    { from: 0, rows: 300, modelVersion: 1 },
    { from: 300, rows: 300 },
    { from: 600, rows: 300 },
    { from: 900, rows: 100 },
  ]);
  const ids = body.batches.map(({ requestId }) => requestId);
  expect(new Set(ids).size).toBe(4);
});

it("takes a table of values, wider than the limit of keys lets objects be", async () => {
  const table = { columns: ["b", "a"], rows: rows(10_000).map((row) => [row.b, row.a]) };
  const { status, body } = await ask(table);
  expect(status).toBe(200);
  expect(body.predictions).toHaveLength(10_000);
  expect(body.predictions.at(-1)).toBe(10_000);
});

it("gives probabilities and confidence a row", async () => {
  const inputs = Array.from({ length: 5 }, (_, i) => ({ x0: i, x1: 0, x2: 0, x3: 1 }));
  const options = { batchSize: 2, includeConfidence: true };
  const { body } = await ask({ inputs, options }, "flowers");
  expect(body.predictions).toHaveLength(5);
  expect(body.probabilities).toHaveLength(5);
  expect(body.confidence).toHaveLength(5);
});

it("answers all rows or none, and names the wrong one as the caller counts", async () => {
  const inputs: object[] = rows(50);
  inputs[37] = { a: "much", b: 1 };
  const { status, body } = await ask({ inputs, options: { batchSize: 10 } });
  expect(status).toBe(422);
  expect(body.issues[0]?.path).toBe("inputs.37.a");
  expect(body.detail).toContain("inputs.37.a must be");
});

it("refuses what is no batch, and whoever may not predict here", async () => {
  const inputs = rows(1);
  for (const body of [
    {},
    { inputs: [] },
    { inputs, columns: ["a"], rows: [[1]] },
    { columns: ["a", "b"] },
    { columns: ["a", "b"], rows: [[1]] },
    { inputs, options: { batchSize: 0 } },
    { inputs, options: { parallel: 17 } },
    { inputs, options: { unit: "x" } },
    { columns: ["a", "b"], rows: Array.from({ length: 10_001 }, () => [1, 1]) },
  ]) {
    expect((await ask(body)).status).toBe(422);
  }
  expect((await ask({ inputs }, "nobody")).status).toBe(404);
  const b = await world.workspace();
  expect((await ask({ inputs }, slope.deploymentId, await b.key("admin"))).status).toBe(404);
  expect((await ask({ inputs }, "slope", await a.key("viewer"))).status).toBe(403);
  await expect(batchPredict(a.as("viewer"), { deployment: "slope", inputs })).rejects.toMatchObject(
    { code: "forbidden" },
  );
});
