import { afterAll, beforeAll, expect, it } from "vitest";
import {
  advanceRollOut,
  beginRollOut,
  deleteDeployment,
  getDeployment,
  rollBackDeployment,
} from "@/server/deployments";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  rollOutNow,
  waitingVariant,
} from "./support/deployed-world";
import { askNext, weightsOf } from "./support/next-version";

let world: DeployedWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(() => world.close());

it("rolls back to the version before and, asked again, forward", async () => {
  const made = await deployModel(world, a, "pendulum");
  const second = await askNext(a, made, "pendulum", 2);
  await rollOutNow(world, a, made.deploymentId);
  const back = await rollBackDeployment(a.as("operator"), { deployment: "pendulum" });
  expect(back).toMatchObject({
    status: "rolled_back",
    activeVersion: { versionId: made.versionId, weight: 100 },
    rollbackVersion: { versionId: second },
  });
  const forward = await rollBackDeployment(a.as("operator"), { deployment: "pendulum" });
  expect(forward).toMatchObject({ status: "active", activeVersion: { versionId: second } });
  expect((await weightsOf(world, made.deploymentId)).map((one) => one.weight)).toEqual([0, 100]);
  const audit = await asOwner<{ action: string }>(
    world.db.ownerUrl,
    "select action from audit_log where subject_id = $1 order by seq desc limit 2",
    [made.deploymentId],
  );
  expect(audit.map((one) => one.action)).toEqual([
    "deployment.rolled_back",
    "deployment.rolled_back",
  ]);
});

it("cancels a roll-out in progress when it is rolled back", async () => {
  const made = await deployModel(world, a, "cancelled");
  await askNext(a, made, "cancelled", 2);
  const { deploymentId } = made;
  const rollOut = { deploymentId, variantId: await waitingVariant(world, deploymentId) };
  await beginRollOut(a.job(), rollOut);
  const after = await rollBackDeployment(a.as("admin"), { deployment: "cancelled" });
  expect(after).toMatchObject({
    status: "active",
    activeVersion: { versionNumber: 1 },
    pendingVersion: null,
  });
  expect(await advanceRollOut(a.job(), rollOut)).toMatchObject({ isOver: true });
});

it("refuses a rollback without an earlier version, by a viewer, or from another workspace", async () => {
  await deployModel(world, a, "only-one");
  const input = { deployment: "only-one" };
  await expect(rollBackDeployment(a.as("admin"), input)).rejects.toMatchObject({
    code: "conflict",
  });
  await expect(rollBackDeployment(a.as("viewer"), input)).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(rollBackDeployment(b.as("admin"), input)).rejects.toMatchObject({
    code: "not_found",
  });
});

it("does not roll back to a version whose file is no longer what it was", async () => {
  const made = await deployModel(world, a, "rotten");
  await askNext(a, made, "rotten", 2);
  await rollOutNow(world, a, made.deploymentId);
  await world.nodes.unload({ workspaceId: a.id, versionId: made.versionId });
  await asOwner(
    world.db.ownerUrl,
    "update model_version_artifacts set size_bytes = size_bytes + 1 where version_id = $1",
    [made.versionId],
  );
  await expect(rollBackDeployment(a.as("admin"), { deployment: "rotten" })).rejects.toMatchObject({
    code: "conflict",
  });
  expect(await getDeployment(a.as("admin"), { deployment: "rotten" })).toMatchObject({
    status: "active",
    activeVersion: { versionNumber: 2 },
  });
});

it("deletes with an audit row and an event, frees the name and keeps the history", async () => {
  const made = await deployModel(world, a, "deleted");
  const input = { deployment: "deleted" };
  await expect(deleteDeployment(a.as("data_scientist"), input)).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(deleteDeployment(b.as("admin"), input)).rejects.toMatchObject({
    code: "not_found",
  });
  await deleteDeployment(a.as("operator"), input);
  await expect(deleteDeployment(a.as("operator"), input)).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(
    getDeployment(a.as("admin"), { deployment: made.deploymentId }),
  ).rejects.toMatchObject({ code: "not_found" });
  const [row] = await asOwner<{ status: string }>(
    world.db.ownerUrl,
    "select status from deployments where id = $1",
    [made.deploymentId],
  );
  expect(row?.status).toBe("inactive");
  const events = await asOwner(
    world.db.ownerUrl,
    "select name from outbox where data->>'deploymentId' = $1 and name like '%deleted'",
    [made.deploymentId],
  );
  expect(events).toEqual([{ name: "deployments/deployment.deleted" }]);
  const again = await deployModel(world, a, "deleted");
  expect(again.deploymentId).not.toBe(made.deploymentId);
});

it("gives a deployment that is deleted while it loads no traffic", async () => {
  const made = await deployModel(world, a, "vanishing");
  await askNext(a, made, "vanishing", 2);
  const { deploymentId } = made;
  const rollOut = { deploymentId, variantId: await waitingVariant(world, deploymentId) };
  await beginRollOut(a.job(), rollOut);
  await deleteDeployment(a.as("admin"), { deployment: "vanishing" });
  expect(await advanceRollOut(a.job(), rollOut)).toMatchObject({ isOver: true });
  expect((await weightsOf(world, deploymentId)).map((one) => one.weight)).toEqual([0, 0]);
});
