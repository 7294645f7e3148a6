import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deployVersion, rollBackDeployment } from "@/server/deployments";
import { listPredictions } from "@/server/predictions";
import {
  addVersion,
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  rollOutNow,
  slopeModel,
} from "../deployments/support/deployed-world";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { startLoad } from "./support/load";
import { type PredictionServer, startPredictionServer, until } from "./support/prediction-server";

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

it("fails no request while versions are replaced, unloaded at once, and rolled back", async () => {
  const ctx = workspace.as("admin");
  const made = await deployModel(world, workspace, "busy", slopeModel(1));
  const load = startLoad({
    url: `${server.url}/api/v1/deployments/busy/predict`,
    key: await workspace.key("data_scientist"),
    clients: 8,
    body: { input: { a: 1, b: 0 } },
  });
  const seen = (version: number) => until(() => load.answers.at(-1)?.body.modelVersion === version);
  await seen(1);
  let previous = made.versionId;
  for (const slope of [2, 3, 4, 5]) {
    const versionId = await addVersion(ctx, made.modelId, slopeModel(slope));
    await deployVersion(ctx, {
      model: made.modelId,
      versionId,
      name: "busy",
      environment: "production",
    });
    await rollOutNow(world, workspace, made.deploymentId);
    // Sooner than the product ever does: requests on their way find the model gone.
    await world.nodes.unload({ workspaceId: workspace.id, versionId: previous });
    await seen(slope);
    previous = versionId;
  }
  await rollBackDeployment({ ...ctx, ports: server.runtime.ports }, { deployment: "busy" });
  await seen(4);
  await sleep(200);
  const answers = await load.stop();
  expect(answers.length).toBeGreaterThan(100);
  expect(answers.filter((one) => one.status !== 200)).toEqual([]);
  // Each answer is whole: it was made by the version it names.
  expect(answers.filter((one) => one.body.predictions?.[0] !== one.body.modelVersion)).toEqual([]);
  await server.gateway.logs.flush();
  const [logged] = await asOwner<{ count: number }>(
    world.db.ownerUrl,
    "select count(*)::int as count from prediction_logs where deployment_id = $1",
    [made.deploymentId],
  );
  expect(logged?.count).toBe(answers.length);
});

it("splits traffic over variants by their weights", async () => {
  const ctx = workspace.as("admin");
  const made = await deployModel(world, workspace, "split", slopeModel(1));
  const versionId = await addVersion(ctx, made.modelId, slopeModel(2));
  await deployVersion(ctx, {
    model: made.modelId,
    versionId,
    name: "split",
    environment: "production",
  });
  await asOwner(
    world.db.ownerUrl,
    `update deployment_variants set status = 'active',
       weight = case when version_id = $2 then 25 else 75 end where deployment_id = $1`,
    [made.deploymentId, versionId],
  );
  await server.gateway.table.refresh();
  const load = startLoad({
    url: `${server.url}/api/v1/deployments/split/predict`,
    key: await workspace.key("data_scientist"),
    clients: 4,
    body: { input: { a: 1, b: 0 } },
  });
  await until(() => load.answers.length >= 800, 20_000);
  const answers = await load.stop();
  const share = answers.filter((one) => one.body.modelVersion === 2).length / answers.length;
  // Five standard deviations of a share of 800.
  expect(Math.abs(share - 0.25)).toBeLessThan(0.077);
  await server.gateway.logs.flush();
  const { items } = await listPredictions(workspace.as("viewer"), { deployment: "split" });
  expect(new Set(items.map((item) => item.variantId)).size).toBe(2);
});
