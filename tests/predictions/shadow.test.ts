import { afterAll, beforeAll, expect, it } from "vitest";
import { getShadowComparison } from "@/server/predictions";
import {
  addVersion,
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  slopeModel,
  type TestModel,
} from "../deployments/support/deployed-world";
import { constant, onnxModel } from "../node/support/onnx-writer";
import type { TestWorkspace } from "../support/workspace";
import {
  call,
  type PredictionServer,
  startPredictionServer,
  until,
} from "./support/prediction-server";
import { addVariant, setSettings } from "./support/variants";

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const ask = (name: string, a: number) =>
  call(`${server.url}/api/v1/deployments/${name}/predict`, key, { input: { a, b: 0 } });

/** Takes its input under another name than the model that answers. */
function incompatibleModel(): TestModel {
  const { signature } = slopeModel(1);
  return {
    onnx: onnxModel({
      nodes: [{ op: "MatMul", inputs: ["other", "weights"], outputs: ["prediction"] }],
      constants: [constant("weights", "FP64", [2], [1, 1])],
      inputs: [{ name: "other", type: "FP64", shape: ["batch", 2] }],
      outputs: [{ name: "prediction", type: "FP64", shape: ["batch"] }],
    }),
    signature: {
      ...signature,
      inputs: signature.inputs.map((input) => ({ ...input, name: "other" })),
    },
  };
}

/** Slope 1 answers; the shadow is another slope, or another model. */
async function withShadow(name: string, shadowModel: number | TestModel, settings: object = {}) {
  const made = await deployModel(world, workspace, name);
  const model = typeof shadowModel === "number" ? slopeModel(shadowModel) : shadowModel;
  const versionId = await addVersion(workspace.as("admin"), made.modelId, model);
  const shadow = { versionId, name: "v2", weight: 0, role: "shadow" as const };
  const variantId = await addVariant(world, made.deploymentId, shadow);
  await setSettings(world, made.deploymentId, settings);
  await server.gateway.table.refresh();
  return { ...made, variantId };
}

const comparisonOf = (deployment: string) =>
  getShadowComparison(workspace.as("viewer"), { deployment });

/** Waits until the shadow has dealt with `count` copies. */
const compared = (deployment: string, count: number) =>
  until(async () => {
    await server.gateway.shadows.flush();
    const [variant] = (await comparisonOf(deployment)).variants;
    const dealt = variant ? variant.requests + variant.errors + variant.dropped : 0;
    return dealt >= count && variant;
  });

it("compares what a shadow would have said with what was sent, and keeps the worst", async () => {
  await withShadow("compared", 3);
  for (const a of [0, 1, 5, 2]) {
    expect((await ask("compared", a)).body.predictions).toEqual([a]);
  }
  expect(await compared("compared", 4)).toMatchObject({
    name: "v2",
    versionNumber: 2,
    requests: 4,
    rows: 4,
    equal: 1,
    flips: 0,
    errors: 0,
    dropped: 0,
    differenceMax: 10,
    differenceMean: 4,
    examples: [
      {
        difference: 10,
        inputs: { a: 5, b: 0 },
        sent: { prediction: [5] },
        shadow: { prediction: [15] },
      },
      { difference: 4 },
      { difference: 2 },
    ],
  });
  const rest = await call(`${server.url}/api/v1/deployments/compared/shadow-comparison`, key);
  expect(rest.body).toMatchObject({ rangeMinutes: 60, variants: [{ requests: 4 }] });
});

it("keeps no payload where the deployment keeps none", async () => {
  await withShadow("discreet", 3, { logging: { payload: false } });
  await ask("discreet", 7);
  const [example] = (await compared("discreet", 1)).examples;
  expect(example).toMatchObject({ difference: 14, inputs: null, sent: null, shadow: null });
});

it("a shadow that cannot answer fails no request, and its failures are counted", async () => {
  await withShadow("broken", incompatibleModel());
  for (let a = 0; a < 5; a++) expect((await ask("broken", a)).status).toBe(200);
  expect(await compared("broken", 5)).toMatchObject({ requests: 0, errors: 5, examples: [] });
});

it("a shadow that is too slow loses copies, which are counted, and slows nobody", async () => {
  const { deploymentId } = await withShadow("flooded", 2);
  const route = server.gateway.table.deployment(workspace.id, "flooded");
  const variant = route?.variants[0];
  if (!variant) throw new Error("the deployment answers");
  const tensor = { name: "numeric", datatype: "FP64" as const, shape: [1, 2] };
  const tensors = [{ ...tensor, data: Float64Array.from([1, 0]) }];
  const answer = await server.gateway.run(variant, tensors);
  // More in one turn than may wait: nothing has left the queue yet.
  for (let at = 0; at < 400; at++) {
    server.gateway.shadows.offer(variant, tensors, undefined, answer);
  }
  const done = await compared("flooded", 401);
  expect(done.dropped).toBeGreaterThanOrEqual(400 - 256);
  expect(done.requests + done.dropped).toBe(401);
  expect(deploymentId).toBe(route?.deploymentId);
});

it("another workspace finds no comparison", async () => {
  await withShadow("hidden", 2);
  const other = await world.workspace();
  await expect(
    getShadowComparison(other.as("admin"), { deployment: "hidden" }),
  ).rejects.toMatchObject({ code: "not_found" });
});
