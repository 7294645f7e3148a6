import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createLoggedModel,
  createRun,
  deleteLoggedModel,
  getLoggedModel,
  getRun,
  listRunArtifacts,
  logInputs,
  logOutputs,
  putRunArtifact,
  searchLoggedModels,
  updateLoggedModel,
} from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
let runId: string;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  a = await world.workspace();
  b = await world.workspace();
  runId = (await createRun(a.as("admin"), {})).id;
});

const keyOf = (id: string): Context => ({
  ...a.as("admin"),
  actor: { type: "apiKey", keyId: newId(), name: "k", role: "data_scientist", runId: id },
});
const make = (ctx: Context = a.as("data_scientist")) =>
  createLoggedModel(ctx, { experiment: "0", name: "clf", sourceRunId: runId });

describe("createLoggedModel", () => {
  it("makes a pending model with files of its own and an audit row", async () => {
    const model = await make();
    expect(model).toMatchObject({ status: "LOGGED_MODEL_PENDING", sourceRunId: runId });
    const owner = { kind: "model", id: model.id } as const;
    await putRunArtifact(a.as("admin"), { owner, path: "MLmodel", content: Readable.from(["x"]) });
    expect((await listRunArtifacts(a.as("viewer"), { owner })).items).toHaveLength(1);
    const rows = await asOwner(
      world.db.ownerUrl,
      "select action from audit_log where workspace_id = $1 and subject_type = 'logged_model' order by seq",
      [a.id],
    );
    expect(rows).toEqual([{ action: "logged_model.created" }, { action: "artifact.stored" }]);
  });

  it("cannot be reached from another workspace nor by another run's key", async () => {
    const { id } = await make();
    for (const ctx of [b.as("admin"), keyOf(newId())]) {
      await expect(getLoggedModel(ctx, { modelId: id })).rejects.toMatchObject({
        code: "not_found",
      });
      await expect(updateLoggedModel(ctx, { modelId: id, changes: {} })).rejects.toMatchObject({
        code: "not_found",
      });
    }
    expect((await getLoggedModel(keyOf(runId), { modelId: id })).id).toBe(id);
    await expect(make(keyOf(newId()))).rejects.toMatchObject({ code: "not_found" });
  });

  it("refuses a viewer, and names that clients cannot use in a path", async () => {
    await expect(make(a.as("viewer"))).rejects.toMatchObject({ code: "forbidden" });
    for (const name of ["a/b", "a:b", "a.b", 'a"b']) {
      await expect(
        createLoggedModel(a.as("admin"), { experiment: "0", name }),
      ).rejects.toMatchObject({ code: "validation_failed" });
    }
  });

  it("answers not_found for a run that is not there", async () => {
    await expect(
      createLoggedModel(a.as("admin"), { experiment: "0", sourceRunId: newId() }),
    ).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("updateLoggedModel", () => {
  it("finalizes, tags, untags and adds parameters", async () => {
    const { id: modelId } = await make();
    const change = (changes: Parameters<typeof updateLoggedModel>[1]["changes"]) =>
      updateLoggedModel(a.as("data_scientist"), { modelId, changes });
    await change({ status: "LOGGED_MODEL_READY" });
    await change({ tags: [{ key: "k", value: "v" }], params: [{ key: "p", value: "1" }] });
    await change({ params: [{ key: "p", value: "1" }] });
    expect(await change({ deleteTag: "k" })).toMatchObject({
      status: "LOGGED_MODEL_READY",
      params: [{ key: "p", value: "1" }],
      tags: [],
    });
    await expect(change({ deleteTag: "k" })).rejects.toMatchObject({ code: "not_found" });
    await expect(change({ params: [{ key: "p", value: "2" }] })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("refuses a viewer", async () => {
    const { id: modelId } = await make();
    await expect(updateLoggedModel(a.as("viewer"), { modelId, changes: {} })).rejects.toMatchObject(
      { code: "forbidden" },
    );
    await expect(deleteLoggedModel(a.as("viewer"), { modelId })).rejects.toMatchObject({
      code: "forbidden",
    });
  });
});

it("searchLoggedModels pages by age and filters by name, run and status", async () => {
  const first = await make();
  const second = await createLoggedModel(a.as("admin"), { experiment: "0", name: "other" });
  const search = (more: object) =>
    searchLoggedModels(a.as("viewer"), { experimentNumbers: [0], ...more });
  const page = await search({ limit: 1 });
  expect(page.items.map((m) => m.id)).toEqual([second.id]);
  const rest = await search({ limit: 1, cursor: page.nextCursor });
  expect(rest.items.map((m) => m.id)).toEqual([first.id]);
  expect((await search({ filter: "name = 'clf'" })).items).toHaveLength(1);
  expect(
    (await search({ filter: `source_run_id = '${runId.replaceAll("-", "")}'` })).items,
  ).toHaveLength(1);
  expect((await search({ filter: "status = 'READY'" })).items).toEqual([]);
  await deleteLoggedModel(a.as("admin"), { modelId: first.id });
  expect((await search({})).items.map((m) => m.id)).toEqual([second.id]);
});

describe("logInputs and logOutputs", () => {
  const dataset = {
    name: "iris",
    digest: "d1",
    sourceType: "local",
    source: "{}",
    tags: [{ key: "mlflow.data.context", value: "train" }],
  };

  it("note each dataset and model once", async () => {
    const model = await make();
    for (let time = 0; time < 2; time += 1) {
      await logInputs(a.as("data_scientist"), { runId, datasets: [dataset], modelIds: [model.id] });
      await logOutputs(a.as("data_scientist"), { runId, models: [{ modelId: model.id, step: 3 }] });
    }
    const run = await getRun(a.as("viewer"), { runId });
    expect(run.inputs).toEqual([{ ...dataset, context: "train", schema: null, profile: null }]);
    expect(run.modelInputs).toEqual([{ modelId: model.id, step: 0 }]);
    expect(run.modelOutputs).toEqual([{ modelId: model.id, step: 3 }]);
  });

  it("find nothing from another workspace, nor a model of another", async () => {
    await expect(logInputs(b.as("admin"), { runId })).rejects.toMatchObject({ code: "not_found" });
    await expect(logOutputs(b.as("admin"), { runId, models: [] })).rejects.toMatchObject({
      code: "not_found",
    });
    const foreign = await createLoggedModel(b.as("admin"), { experiment: "0" });
    await expect(logInputs(a.as("admin"), { runId, modelIds: [foreign.id] })).rejects.toMatchObject(
      { code: "not_found" },
    );
    await expect(
      logOutputs(a.as("admin"), { runId, models: [{ modelId: foreign.id }] }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  it("refuse a viewer", async () => {
    await expect(logInputs(a.as("viewer"), { runId })).rejects.toMatchObject({ code: "forbidden" });
    await expect(logOutputs(a.as("viewer"), { runId, models: [] })).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("take a digest and a schema at their longest and refuse one character more", async () => {
    const at = (digest: number, schema: number) =>
      logInputs(a.as("admin"), {
        runId,
        datasets: [{ ...dataset, digest: "d".repeat(digest), schema: "s".repeat(schema) }],
      });
    await at(36, 1_048_575);
    await expect(at(37, 1)).rejects.toThrow();
    await expect(at(36, 1_048_576)).rejects.toThrow();
  });
});
