import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createModel, fromMlflowStage, registerVersion, toMlflowStage } from "@/server/registry";
import { requestStage } from "@/server/registry/approvals/request-stage";
import { createStage } from "@/server/registry/stages/create-stage";
import { deleteStage } from "@/server/registry/stages/delete-stage";
import { listStages } from "@/server/registry/stages/list-stages";
import { reorderStages } from "@/server/registry/stages/reorder-stages";
import { updateStage } from "@/server/registry/stages/update-stage";
import { auditActions, memberContext } from "../access/people";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { versionInput } from "./version-input";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
});
beforeAll(async () => {
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(() => world.close());

const DEFAULTS = ["development", "testing", "staging", "production", "archived"];
const keysOf = async (workspace: TestWorkspace) =>
  (await listStages(workspace.as("viewer"))).items.map(({ key }) => key);
const canary = { key: "canary", name: "Canary", color: "violet" } as const;

async function newVersion(workspace: TestWorkspace) {
  const model = await createModel(workspace.as("admin"), {
    name: `m-${randomUUID().slice(0, 8)}`,
    type: "classification",
    framework: "scikit-learn",
  });
  return registerVersion(workspace.job(), versionInput(model.id));
}

it("gives every workspace the default stages, of which none asks for approval", async () => {
  const { items } = await listStages(a.as("viewer"));
  expect(items.map(({ key }) => key)).toEqual(DEFAULTS);
  expect(items.some(({ needsApproval, gates }) => needsApproval || gates.length > 0)).toBe(false);
  expect(items.filter(({ serving }) => serving).map(({ key }) => key)).toEqual(["production"]);
});

it("adds a stage before the archive, audits it, and leaves other workspaces theirs", async () => {
  const w = await world.workspace();
  const made = await createStage(w.as("admin"), canary);
  expect(made).toMatchObject({ ...canary, mlflowStage: "None", requestDays: 14, versionCount: 0 });
  expect(await keysOf(w)).toEqual([...DEFAULTS.slice(0, 4), "canary", "archived"]);
  expect(await auditActions(world, w.id)).toEqual(["stage.created"]);
  expect(await keysOf(b)).toEqual(DEFAULTS);
  await expect(updateStage(b.as("admin"), { stage: "canary", name: "x" })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(deleteStage(b.as("admin"), { stage: "canary" })).rejects.toMatchObject({
    code: "not_found",
  });
});

it.each(["viewer", "data_scientist", "ml_engineer", "operator"] as const)(
  "lets %s change no stage",
  async (role) => {
    const ctx = a.as(role);
    for (const call of [
      () => createStage(ctx, canary),
      () => updateStage(ctx, { stage: "staging", name: "x" }),
      () => deleteStage(ctx, { stage: "testing" }),
      () => reorderStages(ctx, { keys: DEFAULTS }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "forbidden" });
    }
    expect(await keysOf(a)).toEqual(DEFAULTS);
  },
);

it("refuses taken keys and names, and names that differ by case only", async () => {
  const w = await world.workspace();
  await expect(createStage(w.as("admin"), { ...canary, key: "staging" })).rejects.toMatchObject({
    code: "conflict",
  });
  await expect(createStage(w.as("admin"), { ...canary, name: "PRODUCTION" })).rejects.toMatchObject(
    { code: "conflict" },
  );
  await expect(
    updateStage(w.as("admin"), { stage: "testing", name: "staging" }),
  ).rejects.toMatchObject({ code: "validation_failed" });
});

it("changes a stage and tells the trail what it was", async () => {
  const w = await world.workspace();
  const changed = await updateStage(w.as("admin"), {
    stage: "production",
    needsApproval: true,
    reviewers: { count: 2, roles: ["admin"] },
    gates: [{ type: "parity" }],
    archivesPrevious: true,
  });
  expect(changed).toMatchObject({
    name: "Production",
    needsApproval: true,
    reviewers: { count: 2, roles: ["admin"], people: [] },
    gates: [{ type: "parity" }],
  });
  expect((await listStages(w.as("viewer"))).items[3]).toEqual(changed);
  expect(await auditActions(world, w.id)).toEqual(["stage.updated"]);
});

describe("refuses stages that do not fit together:", () => {
  const cases: [string, (ctx: ReturnType<TestWorkspace["as"]>) => Promise<unknown>][] = [
    ["a first one that serves", (ctx) => updateStage(ctx, { stage: "development", serving: true })],
    [
      "a first one with approval, by reordering",
      async (ctx) => {
        await updateStage(ctx, { stage: "staging", needsApproval: true });
        const keys = ["staging", "development", "testing", "production", "archived"];
        return reorderStages(ctx, { keys });
      },
    ],
    [
      "an archive that archives into itself",
      (ctx) => updateStage(ctx, { stage: "archived", archivesPrevious: true }),
    ],
    [
      "no archive where one is needed",
      async (ctx) => {
        await updateStage(ctx, { stage: "production", archivesPrevious: true });
        return updateStage(ctx, { stage: "archived", mlflowStage: "None" });
      },
    ],
    [
      "a gate on a stage that does not exist",
      (ctx) =>
        updateStage(ctx, {
          stage: "production",
          gates: [{ type: "metric", metric: "auc", against: { kind: "stage", stage: "nowhere" } }],
        }),
    ],
    [
      "a role that does not exist",
      (ctx) => updateStage(ctx, { stage: "staging", reviewers: { roles: ["wizard"] } }),
    ],
    [
      "a reviewer who is no member",
      (ctx) => updateStage(ctx, { stage: "staging", reviewers: { people: [randomUUID()] } }),
    ],
    ["an order that leaves one out", (ctx) => reorderStages(ctx, { keys: DEFAULTS.slice(1) })],
    [
      "an order that names one twice",
      (ctx) => reorderStages(ctx, { keys: [...DEFAULTS.slice(1), "staging"] }),
    ],
  ];
  it.each(cases)("%s", async (_what, call) => {
    const w = await world.workspace();
    await expect(call(w.as("admin"))).rejects.toMatchObject({ code: "validation_failed" });
  });
});

it("reorders stages; versions are born in the first", async () => {
  const w = await world.workspace();
  const keys = ["testing", "development", "staging", "production", "archived"];
  const { items } = await reorderStages(w.as("admin"), { keys });
  expect(items.map(({ key }) => key)).toEqual(keys);
  expect(await newVersion(w)).toMatchObject({ stage: "testing" });
  expect((await listStages(w.as("viewer"))).items[0]).toMatchObject({
    key: "testing",
    versionCount: 1,
  });
});

it("deletes a stage unless versions are in it, ask to enter it, or gates name it", async () => {
  const w = await world.workspace();
  const admin = w.as("admin");
  const version = await newVersion(w);
  const gone = { code: "conflict" };
  await expect(deleteStage(admin, { stage: "development" })).rejects.toMatchObject(gone);
  await updateStage(admin, { stage: "staging", needsApproval: true });
  await requestStage(admin, { model: version.modelId, version: "1", stage: "staging" });
  await expect(deleteStage(admin, { stage: "staging" })).rejects.toMatchObject(gone);
  await updateStage(admin, {
    stage: "production",
    gates: [{ type: "metric", metric: "auc", against: { kind: "stage", stage: "testing" } }],
  });
  await expect(deleteStage(admin, { stage: "testing" })).rejects.toMatchObject({
    code: "validation_failed",
  });
  await updateStage(admin, { stage: "production", gates: [] });
  await deleteStage(admin, { stage: "testing" });
  expect(await keysOf(w)).toEqual(["development", "staging", "production", "archived"]);
  await expect(deleteStage(admin, { stage: "testing" })).rejects.toMatchObject({
    code: "not_found",
  });
});

it("loses no stage when two people add one at the same time", async () => {
  const w = await world.workspace();
  const keys = ["one", "two", "three", "four"];
  await Promise.all(keys.map((key) => createStage(w.as("admin"), { key, name: key })));
  expect(new Set(await keysOf(w))).toEqual(new Set([...DEFAULTS, ...keys]));
});

it("names members as reviewers", async () => {
  const w = await world.workspace();
  const person = await memberContext(world, w, "viewer");
  const reviewers = { people: [person.userId] };
  const stage = await updateStage(w.as("admin"), { stage: "staging", reviewers });
  expect(stage.reviewers).toEqual({ count: 1, roles: [], people: [person.userId] });
});

it("maps MLflow's words to stages and back", async () => {
  const w = await world.workspace();
  await createStage(w.as("admin"), { ...canary, mlflowStage: "Production" });
  const { items } = await listStages(w.as("viewer"));
  const words = ["None", "Staging", "PRODUCTION", "archived", "live"];
  expect(words.map((word) => fromMlflowStage(items, word)?.key)).toEqual([
    "development",
    "staging",
    "production",
    "archived",
    undefined,
  ]);
  expect(["testing", "canary", "archived", "gone"].map((key) => toMlflowStage(items, key))).toEqual(
    ["None", "Production", "Archived", "None"],
  );
});
