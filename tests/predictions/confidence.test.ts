import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withWorkspace } from "@/db/client";
import { storeObject } from "@/server/artifacts";
import { batchPredict, predict } from "@/server/predictions";
import {
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import {
  classifierModel,
  classifierSignature,
  mixedModel,
  mixedSignature,
} from "../node/support/sample-models";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { call, type PredictionServer, startPredictionServer } from "./support/prediction-server";

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  await addCurves(await deployModel(world, workspace, "held-out"), residuals(99));
  await addCurves(await deployModel(world, workspace, "few"), residuals(18));
  await addCurves(await deployModel(world, workspace, "odd"), "no JSON");
  await deployModel(world, workspace, "bare");
  const flowers = { onnx: classifierModel(), signature: classifierSignature() };
  await deployModel(world, workspace, "flowers", flowers);
  const labels = classifierSignature();
  labels.outputs = labels.outputs.filter(({ name }) => name === "label");
  await deployModel(world, workspace, "labels", { onnx: classifierModel(), signature: labels });
  await deployModel(world, workspace, "paint", { onnx: mixedModel(), signature: mixedSignature });
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

/** Residuals −50, −49 … from a model that always predicts 10. */
const residuals = (count: number): string =>
  JSON.stringify({
    split: "test",
    residuals: {
      truth: Array.from({ length: count }, (_, at) => at - 40),
      prediction: Array.from({ length: count }, () => 10),
    },
  });

/** As a trainer leaves it among the files of a version. */
async function addCurves({ versionId }: Deployed, content: string): Promise<void> {
  const ctx = workspace.as("admin");
  const stored = await ctx.ports.objects.put(ctx.workspaceId, Readable.from([content]), 1e6);
  await withWorkspace(ctx, (tx) => storeObject(tx, ctx, stored));
  await asOwner(
    world.db.ownerUrl,
    `insert into model_version_artifacts (workspace_id, version_id, path, kind, sha256, size_bytes)
     values ($1, $2, 'evaluation/curves.json', 'evaluation', $3, $4)`,
    [ctx.workspaceId, versionId, stored.sha256, stored.sizeBytes],
  );
}

type Way = (deployment: string, inputs: object[]) => Promise<Record<string, unknown>>;
const options = { includeConfidence: true };
const over = (path: string) => (deployment: string, body: object) =>
  call(`${server.url}/api/v1/deployments/${deployment}/${path}`, key, body).then((r) => r.body);
const context = () => ({ ...workspace.as("data_scientist"), ports: server.runtime.ports });
const trpc = (name: string, body: object) =>
  call(`${server.url}/api/trpc/predictions.${name}`, key, body).then(
    ({ body: reply }) => (reply.result as { data: Record<string, unknown> }).data,
  );

const WAYS: [string, Way][] = [
  ["REST", (deployment, inputs) => over("predict")(deployment, { inputs, options })],
  [
    "REST in batches",
    (deployment, inputs) => over("batch-predict")(deployment, { inputs, options }),
  ],
  ["tRPC", (deployment, inputs) => trpc("predict", { deployment, inputs, options })],
  [
    "tRPC in batches",
    (deployment, inputs) => trpc("batchPredict", { deployment, inputs, options }),
  ],
  [
    "the process",
    async (deployment, inputs) => ({
      ...(await predict(context(), { deployment, inputs, options })),
    }),
  ],
  [
    "the process in batches",
    async (deployment, inputs) => ({
      ...(await batchPredict(context(), { deployment, inputs: inputs as never, options })),
    }),
  ],
];

describe.each(WAYS)("over %s, confidence", (_name, ask) => {
  it("of a classification is the probability of the predicted class", async () => {
    const inputs = [
      { x0: 1, x1: 0, x2: 0, x3: 1 },
      { x0: -1, x1: 0, x2: 0, x3: -1 },
    ];
    const reply = await ask("flowers", inputs);
    const shares = reply.probabilities as Record<string, number>[];
    const classes = reply.predictions as string[];
    expect(reply.confidence).toEqual(shares.map((share, at) => share[classes[at] ?? ""]));
    expect(reply).not.toHaveProperty("predictionIntervals");
  });

  it("of a regression is an interval from held-out residuals, else a reason", async () => {
    const inputs = [
      { a: 2, b: 5 },
      { a: 0, b: 0 },
    ];
    const reply = await ask("held-out", inputs);
    expect(reply.predictionIntervals).toEqual([
      { low: 7 - 46, high: 7 + 44, level: 0.9 },
      { low: -46, high: 44, level: 0.9 },
    ]);
    expect(reply).not.toHaveProperty("confidenceMissing");
    for (const deployment of ["few", "odd", "bare"]) {
      const without = await ask(deployment, inputs);
      expect(without.confidenceMissing).toContain("held-out");
      expect(without).not.toHaveProperty("predictionIntervals");
    }
  });

  it("that a model cannot give is missing with a reason", async () => {
    const reply = await ask("labels", [{ x0: 1, x1: 0, x2: 0, x3: 1 }]);
    expect(reply.confidenceMissing).toContain("no probabilities");
    expect(reply).not.toHaveProperty("confidence");
  });
});

it("nothing is said of confidence unless it is asked for, and no number is null", async () => {
  const plain = await over("predict")("held-out", { input: { a: 1, b: 1 } });
  expect(Object.keys(plain)).not.toContain("predictionIntervals");
  const gap = { width: null, wet: true, color: "green" };
  const { confidence } = await over("predict")("paint", { input: gap, options });
  expect(confidence).toEqual([null]);
});
