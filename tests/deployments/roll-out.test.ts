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
  unloadIdleVersions,
} from "@/server/deployments";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  addVersion,
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  rollOutNow,
  slopeModel,
  waitingVariant,
} from "./support/deployed-world";
import { askNext, weightsOf } from "./support/next-version";

let world: DeployedWorld;
let a: TestWorkspace;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
});
afterAll(() => world.close());

const isLoaded = async (versionId: string): Promise<boolean> => {
  const [state] = await world.nodes.inspect({ workspaceId: a.id, versionId });
  return state?.loaded ?? false;
};

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
  await askNext(a, made, "twice", 2);
  const { deploymentId } = made;
  const rollOut = { deploymentId, variantId: await waitingVariant(world, deploymentId) };
  const active = async () =>
    (await weightsOf(world, deploymentId))
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
  await askNext(a, made, "hopeless", 2);
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
  const versionId = await askNext(a, made, "digest", 7);
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

it("keeps the version a rollback needs loaded and unloads what came before it", async () => {
  const made = await deployModel(world, a, "memory");
  const second = await askNext(a, made, "memory", 2);
  await rollOutNow(world, a, made.deploymentId);
  expect(await unloadIdleVersions(a.job(), made.deploymentId)).toEqual({ unloaded: [] });
  const third = await askNext(a, made, "memory", 3);
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
