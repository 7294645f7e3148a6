import { afterAll, beforeAll, expect, it } from "vitest";
import {
  advanceRollOut,
  beginRollOut,
  deployVersion,
  failRollOut,
  getDeployment,
  loadVersion,
} from "@/server/deployments";
import type { Context } from "@/server/kernel/context";
import {
  call,
  type PredictionServer,
  startPredictionServer,
  until,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  addVersion,
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
  slopeModel,
  type TestModel,
  waitingVariant,
} from "./support/deployed-world";
import { traffic } from "./support/rolled-out-world";

let world: DeployedWorld;
let server: PredictionServer;
let a: TestWorkspace;
let key: string;
/** One of the two nodes gets no further model files while this is set. */
let isOneHeldBack = false;
beforeAll(async () => {
  let nodes = 0;
  world = await createDeployedWorld((read) => {
    const isFirst = nodes++ === 0;
    return (...asked) =>
      isFirst && isOneHeldBack ? Promise.reject(new Error("held back")) : read(...asked);
  }, 2);
  a = await world.workspace();
  key = await a.key("data_scientist");
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const look = (name: string) => getDeployment(a.as("viewer"), { deployment: name });

/** A deployment that answered a request of late. */
async function answering(name: string): Promise<Deployed> {
  const made = await deployModel(world, a, name);
  const { status } = await call(`${server.url}/api/v1/deployments/${name}/predict`, key, {
    input: { a: 1, b: 2 },
  });
  expect(status).toBe(200);
  await server.gateway.logs.flush();
  return made;
}

/** Asks for a blue-green roll-out of another version; its load is the caller's. */
async function request(made: Deployed, name: string, model: TestModel) {
  const ctx: Context = a.as("admin");
  const versionId = await addVersion(ctx, made.modelId, model);
  const strategy = "blue_green" as const;
  const wanted = { model: made.modelId, versionId, name, environment: "production" as const };
  await deployVersion(ctx, { ...wanted, strategy });
  const variantId = await waitingVariant(world, made.deploymentId);
  const ref = { deploymentId: made.deploymentId, variantId };
  await beginRollOut(a.job(), ref);
  return ref;
}

/** Needs a feature that callers do not send yet. */
function widerModel(): TestModel {
  const { onnx, signature } = slopeModel(2);
  const [a1, b1] = signature.features;
  const b2 = { name: "c", type: "number" as const, nullable: false };
  const columns = ["a", "c"];
  const inputs = signature.inputs.map((input) => ({ ...input, columns }));
  return { onnx, signature: { ...signature, features: [a1 ?? b2, { ...b1, ...b2 }], inputs } };
}

it("switches to a version that answers what was asked of late", async () => {
  const made = await answering("fits");
  const ref = await request(made, "fits", slopeModel(2));
  expect(await loadVersion(a.job(), ref)).toEqual({ replicas: 1 });
  await advanceRollOut(a.job(), ref);
  expect(traffic(await look("fits"))).toContain("v2 100 candidate");
});

it("leaves all as it is where the version cannot answer what was asked of late, and says why", async () => {
  const made = await answering("wider");
  const ref = await request(made, "wider", widerModel());
  const error = await loadVersion(a.job(), ref).catch((one: Error) => one);
  expect(error).toMatchObject({ code: "validation_failed" });
  expect((error as Error).message).toMatch(/Version 2 does not answer .* c must be .*nothing was/i);
  await failRollOut(a.job(), ref, (error as Error).message);
  expect(traffic(await look("wider"))).toEqual(["v1 100 stable"]);
  const reply = await call(`${server.url}/api/v1/deployments/wider/predict`, key, {
    input: { a: 1, b: 2 },
  });
  expect(reply).toMatchObject({ status: 200, body: { predictions: [3] } });
});

it("switches without a check where nothing was asked yet", async () => {
  const made = await deployModel(world, a, "quiet");
  const ref = await request(made, "quiet", widerModel());
  expect(await loadVersion(a.job(), ref)).toEqual({ replicas: 1 });
});

it("switches nothing while it is on fewer nodes than what it replaces, and goes on once it is on all", async () => {
  const made = await deployModel(world, a, "missing");
  await asOwner(
    world.db.ownerUrl,
    "update deployments set min_replicas = 2, max_replicas = 2 where id = $1",
    [made.deploymentId],
  );
  await server.gateway.table.refresh();
  await until(async () => {
    const states = await world.nodes.inspect({ workspaceId: a.id, versionId: made.versionId });
    return states.every((one) => one.loaded);
  });
  const ref = await request(made, "missing", slopeModel(2));
  isOneHeldBack = true;
  await expect(loadVersion(a.job(), ref)).rejects.toMatchObject({
    code: "unavailable",
    message: "Version 2 is on 1 of 2 nodes; nothing was switched.",
  });
  expect(traffic(await look("missing"))).toEqual(["v1 100 stable"]);
  isOneHeldBack = false;
  // What a node refused it is asked again after some seconds.
  await until(() =>
    loadVersion(a.job(), ref).then(
      ({ replicas }) => replicas === 2,
      () => false,
    ),
  );
  await advanceRollOut(a.job(), ref);
  expect(traffic(await look("missing"))).toContain("v2 100 candidate");
}, 120_000);
