import { afterAll, beforeAll, expect, it } from "vitest";
import {
  advanceRollOut,
  deleteDeployment,
  deployVersion,
  getDeployment,
  listDeploymentEvents,
  listDeployments,
} from "@/server/deployments";
import { deleteModel, versionLineage } from "@/server/registry";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  addVersion,
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  makeModel,
  rollOutNow,
  slopeModel,
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

it("asks for a roll-out with an audit row, a timeline entry and an event in one transaction", async () => {
  const ctx = a.as("ml_engineer");
  const model = await makeModel(a.as("admin"));
  const versionId = await addVersion(a.as("admin"), model.id, slopeModel(1));
  const { deploymentId } = await deployVersion(ctx, {
    model: model.name,
    versionId,
    name: "first",
    environment: "staging",
  });
  expect(await getDeployment(ctx, { deployment: "first" })).toMatchObject({
    id: deploymentId,
    modelName: model.name,
    environment: "staging",
    status: "pending",
    minReplicas: 1,
    maxReplicas: 1,
    activeVersion: null,
    pendingVersion: { versionId, versionNumber: 1, weight: 0 },
  });
  const audit = await asOwner(
    world.db.ownerUrl,
    "select action from audit_log where subject_id = $1",
    [deploymentId],
  );
  expect(audit).toEqual([{ action: "deployment.deployed" }]);
  const events = await asOwner<{ name: string; data: Record<string, string> }>(
    world.db.ownerUrl,
    "select name, data from outbox where data->>'deploymentId' = $1",
    [deploymentId],
  );
  expect(events).toMatchObject([
    { name: "deployments/rollout.requested", data: { deploymentId, workspaceId: a.id } },
  ]);
  const timeline = await listDeploymentEvents(ctx, { deployment: deploymentId });
  expect(timeline.items).toMatchObject([{ kind: "requested", versionNumber: 1 }]);
});

it("shows nothing of it to another workspace and takes no version of another one", async () => {
  const made = await deployModel(world, a, "hidden");
  await expect(
    getDeployment(b.as("admin"), { deployment: made.deploymentId }),
  ).rejects.toMatchObject({ code: "not_found" });
  const other = await makeModel(b.as("admin"));
  await expect(
    deployVersion(b.as("admin"), {
      model: other.id,
      versionId: made.versionId,
      name: "stolen",
      environment: "production",
    }),
  ).rejects.toMatchObject({ code: "not_found" });
  expect((await listDeployments(b.as("admin"), {})).items).toEqual([]);
});

it("refuses a data scientist and says whom to ask", async () => {
  const model = await makeModel(a.as("admin"));
  const versionId = await addVersion(a.as("admin"), model.id, slopeModel(1));
  await expect(
    deployVersion(a.as("data_scientist"), {
      model: model.id,
      versionId,
      name: "not-mine",
      environment: "production",
    }),
  ).rejects.toMatchObject({ code: "forbidden", message: expect.stringContaining("ml_engineer") });
});

it("answers conflict when the name serves another model or environment", async () => {
  const made = await deployModel(world, a, "taken");
  const ctx = a.as("admin");
  const other = await makeModel(ctx);
  const versionId = await addVersion(ctx, other.id, slopeModel(2));
  const base = { name: "taken", environment: "production" } as const;
  await expect(deployVersion(ctx, { ...base, model: other.id, versionId })).rejects.toMatchObject({
    code: "conflict",
  });
  await expect(
    deployVersion(ctx, {
      ...base,
      environment: "staging",
      model: made.modelId,
      versionId: made.versionId,
    }),
  ).rejects.toMatchObject({ code: "conflict" });
});

it("names what is wrong with a bad request", async () => {
  const made = await deployModel(world, a, "strict");
  const ask = (values: Record<string, unknown>) =>
    deployVersion(a.as("admin"), {
      model: made.modelId,
      versionId: made.versionId,
      name: "strict",
      environment: "production",
      ...values,
    } as never);
  for (const values of [
    { name: "" },
    { name: "a b" },
    { name: "../up" },
    { name: made.deploymentId },
    { environment: "moon" },
    { versionId: "1" },
    { minReplicas: 0 },
    { minReplicas: 3, maxReplicas: 2 },
    { extra: true },
  ]) {
    await expect(ask(values), JSON.stringify(values)).rejects.toThrow();
  }
  await expect(ask({ model: "nobody" })).rejects.toMatchObject({ code: "not_found" });
});

it("refuses a version that has no ONNX file", async () => {
  const ctx = a.as("admin");
  const model = await makeModel(ctx);
  const versionId = await addVersion(ctx, model.id, slopeModel(1));
  await asOwner(
    world.db.ownerUrl,
    "update model_version_artifacts set kind = 'native' where version_id = $1",
    [versionId],
  );
  await expect(
    deployVersion(ctx, { model: model.id, versionId, name: "fileless", environment: "staging" }),
  ).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("ONNX") });
});

it("changes nothing but the replicas when it is asked for the version it serves", async () => {
  const made = await deployModel(world, a, "same");
  const again = await deployVersion(a.as("admin"), {
    model: made.modelId,
    versionId: made.versionId,
    name: "same",
    environment: "production",
    minReplicas: 2,
    maxReplicas: 4,
  });
  expect(again.deploymentId).toBe(made.deploymentId);
  expect(await getDeployment(a.as("viewer"), { deployment: "same" })).toMatchObject({
    status: "active",
    minReplicas: 2,
    maxReplicas: 4,
    pendingVersion: null,
    variants: [{ weight: 100 }],
  });
});

it("keeps a deployed model and shows the deployment in the version's lineage", async () => {
  const made = await deployModel(world, a, "kept");
  const ctx = a.as("admin");
  await expect(deleteModel(ctx, { model: made.modelId })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("kept"),
  });
  const lineage = await versionLineage(ctx, { model: made.modelId, version: "1" });
  expect(lineage.nodes).toContainEqual(
    expect.objectContaining({ id: made.deploymentId, kind: "deployment", label: "kept" }),
  );
  expect(lineage.edges).toContainEqual({
    from: made.versionId,
    to: made.deploymentId,
    label: "serves",
  });
  await deleteDeployment(ctx, { deployment: made.deploymentId });
  await deleteModel(ctx, { model: made.modelId });
});

it("lists by environment, status and model, page by page, without deleted ones", async () => {
  const c = await world.workspace();
  const ctx = c.as("admin");
  const one = await deployModel(world, c, "one", slopeModel(1), "staging");
  await deployModel(world, c, "two", slopeModel(1), "production");
  const gone = await deployModel(world, c, "gone", slopeModel(1), "production");
  await deleteDeployment(ctx, { deployment: "gone" });
  const names = async (query: Parameters<typeof listDeployments>[1]) =>
    (await listDeployments(ctx, query)).items.map((item) => item.name);
  expect(await names({})).toEqual(["two", "one"]);
  expect(await names({ environment: "staging" })).toEqual(["one"]);
  expect(await names({ model: one.modelName, status: "active" })).toEqual(["one"]);
  expect(await names({ search: "tw" })).toEqual(["two"]);
  expect(await names({ status: "inactive" })).toEqual(["gone"]);
  expect(await names({ status: "failed" })).toEqual([]);
  const first = await listDeployments(ctx, { limit: 1, sort: "name", order: "asc" });
  expect(first.items.map((item) => item.name)).toEqual(["one"]);
  const cursor = first.nextCursor ?? "";
  const second = await listDeployments(ctx, { limit: 1, sort: "name", order: "asc", cursor });
  expect(second.items.map((item) => item.name)).toEqual(["two"]);
  expect(second.nextCursor).toBeNull();
  expect(gone.deploymentId).not.toBe(one.deploymentId);
});

it("serves the newest of two versions asked for at once", async () => {
  const made = await deployModel(world, a, "hasty");
  const ctx = a.as("admin");
  const second = await addVersion(ctx, made.modelId, slopeModel(2));
  const third = await addVersion(ctx, made.modelId, slopeModel(3));
  const base = { model: made.modelId, name: "hasty", environment: "production" } as const;
  await deployVersion(ctx, { ...base, versionId: second });
  await deployVersion(ctx, { ...base, versionId: third });
  const older = { deploymentId: made.deploymentId, variantId: await oldestWaiting("hasty") };
  // The newer one is loaded first, the older one comes too late.
  await rollOutNow(world, a, made.deploymentId);
  expect(await advanceRollOut(a.job(), older)).toMatchObject({ isOver: true });
  const after = await getDeployment(ctx, { deployment: "hasty" });
  expect(after).toMatchObject({ status: "active", activeVersion: { versionNumber: 3 } });
  expect(after.variants.map((one) => [one.versionNumber, one.status, one.weight])).toEqual([
    [3, "active", 100],
    [2, "retired", 0],
    [1, "retired", 0],
  ]);
});

it("asks again for a version whose roll-out never ended", async () => {
  const ctx = a.as("admin");
  const model = await makeModel(ctx);
  const versionId = await addVersion(ctx, model.id, slopeModel(1));
  const input = { model: model.id, versionId, name: "stuck", environment: "staging" } as const;
  const { deploymentId } = await deployVersion(ctx, input);
  await deployVersion(ctx, input);
  const variants = async () => (await getDeployment(ctx, { deployment: "stuck" })).variants;
  expect(await variants()).toHaveLength(1);
  await asOwner(
    world.db.ownerUrl,
    "update deployment_variants set created_at = now() - interval '11 minutes' where deployment_id = $1",
    [deploymentId],
  );
  await deployVersion(ctx, input);
  await rollOutNow(world, a, deploymentId);
  expect((await variants()).map((one) => one.status)).toEqual(["active", "retired"]);
});

async function oldestWaiting(deployment: string): Promise<string> {
  const { variants } = await getDeployment(a.as("admin"), { deployment });
  return variants.filter((one) => one.status === "loading").at(-1)?.id ?? "";
}
