import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createModel, listModels, registerVersion } from "@/server/registry";
import { requestStage } from "@/server/registry/approvals/request-stage";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { versionInput } from "./version-input";

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

async function modelWithVersions(workspace: TestWorkspace, stages: string[]): Promise<string> {
  const admin = workspace.as("admin");
  const model = await createModel(admin, {
    name: `m-${randomUUID().slice(0, 8)}`,
    type: "classification",
    framework: "scikit-learn",
  });
  for (const stage of stages) {
    const version = await registerVersion(workspace.job(), versionInput(model.id));
    await requestStage(admin, { model: model.id, version: version.id, stage });
  }
  return model.id;
}

it("finds the models with a version in a stage, each once, and no other workspace's", async () => {
  const [a, b] = [await world.workspace(), await world.workspace()];
  const both = await modelWithVersions(a, ["staging", "staging", "production"]);
  const staged = await modelWithVersions(a, ["staging"]);
  await modelWithVersions(a, []);
  await modelWithVersions(b, ["staging"]);
  const found = async (stage: string) =>
    (await listModels(a.as("viewer"), { stage, order: "asc" })).items.map(({ id }) => id);
  expect(await found("staging")).toEqual([both, staged]);
  expect(await found("production")).toEqual([both]);
  expect(await found("archived")).toEqual([]);
  expect(await found("' or true --")).toEqual([]);
});

it("pages through the models of a stage", async () => {
  const a = await world.workspace();
  const made = [await modelWithVersions(a, ["testing"]), await modelWithVersions(a, ["testing"])];
  const query = { stage: "testing", order: "asc", limit: 1 } as const;
  const first = await listModels(a.as("viewer"), query);
  const cursor = first.nextCursor ?? "";
  const second = await listModels(a.as("viewer"), { ...query, cursor });
  expect([first.items[0]?.id, second.items[0]?.id]).toEqual(made);
  expect(second.nextCursor).toBeNull();
});
