import { afterAll, beforeAll, expect, it } from "vitest";
import {
  advanceRollOut,
  beginRollOut,
  deleteDeployment,
  deployVersion,
  failRollOut,
  getDeployment,
  getDeploymentHealth,
  listDeploymentEvents,
  loadVersion,
  rollBackDeployment,
  unloadIdleVersions,
} from "@/server/deployments";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  addVersion,
  createDeployedWorld,
  type Deployed,
  type DeployedWorld,
  deployModel,
  rollOutNow,
  slopeModel,
  waitingVariant,
} from "./support/deployed-world";

let world: DeployedWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(() => world.close());

/** Asks for one more version of a deployment. */
async function askNext(made: Deployed, name: string, slope: number): Promise<string> {
  const ctx = a.as("admin");
  const versionId = await addVersion(ctx, made.modelId, slopeModel(slope));
  await deployVersion(ctx, {
    model: made.modelId,
    versionId,
    name,
    environment: "production",
  });
  return versionId;
}

const isLoaded = async (versionId: string): Promise<boolean> => {
  const [state] = await world.nodes.inspect({ workspaceId: a.id, versionId });
  return state?.loaded ?? false;
};

const weights = async (deploymentId: string) =>
  asOwner<{ weight: number; status: string }>(
    world.db.ownerUrl,
    "select weight, status from deployment_variants where deployment_id = $1 order by created_at, id",
    [deploymentId],
  );

it("activates a first version, with its timeline and a healthy replica", async () => {
  const made = await deployModel(world, a, "first");
  const ctx = a.as("viewer");
  expect(await getDeployment(ctx, { deployment: "first" })).toMatchObject({
    status: "active",
    error: null,
    activeVersion: { versionId: made.versionId, weight: 100, status: "active" },
    pendingVersion: null,
    rollbackVersion: null,
  });
  const timeline = await listDeploymentEvents(ctx, { deployment: "first", order: "asc" });
  expect(timeline.items.map((one) => one.kind)).toEqual(["requested", "loading", "activated"]);
  expect(await getDeploymentHealth(ctx, { deployment: "first" })).toMatchObject({
    health: "healthy",
    replicas: { min: 1, ready: 1 },
    nodes: [{ reachable: true, loaded: true }],
    lastError: null,
    recent: { requests: 0, errorRate: 0 },
  });
});

it("writes nothing twice when every step runs twice, and weights add up to 100 after each", async () => {
  const made = await deployModel(world, a, "twice");
  await askNext(made, "twice", 2);
  const { deploymentId } = made;
  const rollOut = { deploymentId, variantId: await waitingVariant(world, deploymentId) };
  const active = async () =>
    (await weights(deploymentId))
      .filter((one) => one.status === "active")
      .reduce((sum, one) => sum + one.weight, 0);
  for (const step of [beginRollOut, loadVersion, advanceRollOut]) {
    await step(a.job(), rollOut);
    expect(await active()).toBe(100);
    await step(a.job(), rollOut);
    expect(await active()).toBe(100);
  }
  expect(await beginRollOut(a.job(), rollOut)).toEqual({ proceed: false });
  expect(await failRollOut(a.job(), rollOut, "too late")).toEqual({ failed: false, goesOn: false });
  const timeline = await listDeploymentEvents(a.as("viewer"), { deployment: "twice" });
  const kinds = timeline.items.map((one) => one.kind).sort();
  expect(kinds).toEqual(["activated", "activated", "loading", "loading", "requested", "requested"]);
});

it("keeps the old version active, with the reason, when the new one cannot be loaded", async () => {
  const made = await deployModel(world, a, "careful");
  const broken = { ...slopeModel(2), onnx: Buffer.from("not an ONNX file") };
  const ctx = a.as("admin");
  const versionId = await addVersion(ctx, made.modelId, broken);
  await deployVersion(ctx, {
    model: made.modelId,
    versionId,
    name: "careful",
    environment: "production",
  });
  await rollOutNow(world, a, made.deploymentId);
  expect(await getDeployment(ctx, { deployment: "careful" })).toMatchObject({
    status: "active",
    error: expect.stringContaining("Version 2"),
    activeVersion: { versionNumber: 1, weight: 100 },
  });
  expect(await getDeploymentHealth(ctx, { deployment: "careful" })).toMatchObject({
    health: "healthy",
    lastError: expect.stringContaining("Version 2"),
  });
});

it("fails a first deployment that cannot be loaded, and tries again when it is asked to", async () => {
  const broken = { ...slopeModel(1), onnx: Buffer.from("no model") };
  const made = await deployModel(world, a, "hopeless", broken);
  const ctx = a.as("admin");
  expect(await getDeployment(ctx, { deployment: "hopeless" })).toMatchObject({
    status: "failed",
    error: expect.stringContaining("Version 1"),
    activeVersion: null,
  });
  await askNext(made, "hopeless", 2);
  expect(await getDeployment(ctx, { deployment: "hopeless" })).toMatchObject({
    status: "pending",
    error: null,
  });
  await rollOutNow(world, a, made.deploymentId);
  expect((await getDeployment(ctx, { deployment: "hopeless" })).status).toBe("active");
});

it("refuses bytes whose digest is not the artifact's", async () => {
  const ctx = a.as("admin");
  const made = await deployModel(world, a, "digest");
  const versionId = await askNext(made, "digest", 7);
  await asOwner(
    world.db.ownerUrl,
    "update model_version_artifacts set size_bytes = size_bytes + 1 where version_id = $1",
    [versionId],
  );
  await rollOutNow(world, a, made.deploymentId);
  const after = await getDeployment(ctx, { deployment: "digest" });
  expect(after).toMatchObject({ activeVersion: { versionNumber: 1 }, status: "active" });
  expect(after.error).toContain("not what was stored");
});

it("rolls back to the version before and, asked again, forward", async () => {
  const made = await deployModel(world, a, "pendulum");
  const second = await askNext(made, "pendulum", 2);
  await rollOutNow(world, a, made.deploymentId);
  const back = await rollBackDeployment(a.as("operator"), { deployment: "pendulum" });
  expect(back).toMatchObject({
    status: "rolled_back",
    activeVersion: { versionId: made.versionId, weight: 100 },
    rollbackVersion: { versionId: second },
  });
  const forward = await rollBackDeployment(a.as("operator"), { deployment: "pendulum" });
  expect(forward).toMatchObject({ status: "active", activeVersion: { versionId: second } });
  expect((await weights(made.deploymentId)).map((one) => one.weight)).toEqual([0, 100]);
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
  await askNext(made, "cancelled", 2);
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
  await askNext(made, "rotten", 2);
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

it("keeps the version a rollback needs loaded and unloads what came before it", async () => {
  const made = await deployModel(world, a, "memory");
  const second = await askNext(made, "memory", 2);
  await rollOutNow(world, a, made.deploymentId);
  expect(await unloadIdleVersions(a.job(), made.deploymentId)).toEqual({ unloaded: [] });
  const third = await askNext(made, "memory", 3);
  await rollOutNow(world, a, made.deploymentId);
  expect(await unloadIdleVersions(a.job(), made.deploymentId)).toEqual({
    unloaded: [made.versionId],
  });
  expect([await isLoaded(made.versionId), await isLoaded(second), await isLoaded(third)]).toEqual([
    false,
    true,
    true,
  ]);
});

it("keeps a version that another deployment serves", async () => {
  const made = await deployModel(world, a, "shared-one");
  const ctx = a.as("admin");
  const other = await deployVersion(ctx, {
    model: made.modelId,
    versionId: made.versionId,
    name: "shared-two",
    environment: "staging",
  });
  await rollOutNow(world, a, other.deploymentId);
  await deleteDeployment(ctx, { deployment: "shared-one" });
  expect(await unloadIdleVersions(a.job(), made.deploymentId)).toEqual({ unloaded: [] });
  await deleteDeployment(ctx, { deployment: "shared-two" });
  await unloadIdleVersions(a.job(), other.deploymentId);
  expect(await isLoaded(made.versionId)).toBe(false);
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
  await askNext(made, "vanishing", 2);
  const { deploymentId } = made;
  const rollOut = { deploymentId, variantId: await waitingVariant(world, deploymentId) };
  await beginRollOut(a.job(), rollOut);
  await deleteDeployment(a.as("admin"), { deployment: "vanishing" });
  expect(await advanceRollOut(a.job(), rollOut)).toMatchObject({ isOver: true });
  expect((await weights(deploymentId)).map((one) => one.weight)).toEqual([0, 0]);
});
