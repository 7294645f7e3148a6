import { afterAll, beforeAll, expect, it } from "vitest";
import { createModel, listModels } from "@/server/registry";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(() => world.close());

const churn = { name: "churn", type: "classification", framework: "scikit-learn" } as const;

it("registers a model and leaves an audit row and an event with it", async () => {
  const model = await createModel(a.as("data_scientist"), churn);
  expect(model).toMatchObject({ name: "churn", versionCount: 0, latestVersion: null });
  const audit = await asOwner(
    world.db.ownerUrl,
    "select action, subject_id, seq::int from audit_log where workspace_id = $1",
    [a.id],
  );
  expect(audit).toEqual([{ action: "model.created", subject_id: model.id, seq: 1 }]);
  const events = await asOwner(
    world.db.ownerUrl,
    "select name, data from outbox where workspace_id = $1",
    [a.id],
  );
  expect(events).toEqual([
    { name: "registry/model.created", data: { modelId: model.id, workspaceId: a.id } },
  ]);
});

it("shows nothing of it to another workspace", async () => {
  expect((await listModels(b.as("admin"), {})).items).toEqual([]);
});

it("refuses a viewer and says whom to ask", async () => {
  await expect(createModel(a.as("viewer"), { ...churn, name: "other" })).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringContaining("data_scientist"),
  });
});

it("answers conflict for a taken name, whatever its case", async () => {
  await expect(createModel(a.as("admin"), { ...churn, name: "Churn" })).rejects.toMatchObject({
    code: "conflict",
  });
  await expect(createModel(b.as("admin"), churn)).resolves.toMatchObject({ name: "churn" });
});
