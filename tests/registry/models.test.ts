import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AppError } from "@/server/kernel/errors";
import {
  createModel,
  deleteModel,
  getModel,
  listModels,
  listVersions,
  modelDeletionGuards,
  registerVersion,
  updateModel,
} from "@/server/registry";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { versionInput } from "./version-input";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(() => world.close());

const make = (workspace: TestWorkspace, name = `m-${randomUUID().slice(0, 8)}`) =>
  createModel(workspace.as("admin"), { name, type: "classification", framework: "scikit-learn" });

const actions = async (id: string) =>
  (
    await asOwner<{ action: string }>(
      world.db.ownerUrl,
      "select action from audit_log where subject_id = $1 order by seq",
      [id],
    )
  ).map(({ action }) => action);

const notFound = { code: "not_found" };
const forbidden = { code: "forbidden" };
const conflict = { code: "conflict" };

it("changes the fields that are given, leaves the others and audits both sides", async () => {
  const before = await make(a);
  const changes = {
    description: "new",
    tags: { team: "risk" },
    card: "# Card",
    targetVariable: "y",
  };
  const after = await updateModel(a.as("data_scientist"), { model: before.name, ...changes });
  expect(after).toEqual({ ...before, ...changes, updatedAt: after.updatedAt });
  expect(await getModel(a.as("viewer"), { model: before.id })).toEqual(after);
  expect(await actions(before.id)).toEqual(["model.created", "model.updated"]);
});

it("refuses changes by viewers, across workspaces, to fields that are not a caller's", async () => {
  const model = await make(a);
  const change = { model: model.id, description: "x" };
  await expect(updateModel(a.as("viewer"), change)).rejects.toMatchObject(forbidden);
  await expect(updateModel(a.as("operator"), change)).rejects.toMatchObject(forbidden);
  await expect(updateModel(b.as("admin"), change)).rejects.toMatchObject(notFound);
  for (const sneaky of [{ id: randomUUID() }, { workspaceId: b.id }, { createdBy: "me" }]) {
    await expect(updateModel(a.as("admin"), { ...change, ...sneaky })).rejects.toThrow();
  }
  expect(await getModel(a.as("viewer"), { model: model.id })).toEqual(model);
});

it("answers conflict for a name another model has, and lets one keep or restyle its own", async () => {
  const first = await make(a, "Straße");
  const second = await make(a);
  for (const name of ["Straße", "STRAßE", "straße", "Ｓtraße"]) {
    await expect(updateModel(a.as("admin"), { model: second.id, name })).rejects.toMatchObject(
      conflict,
    );
  }
  expect(await updateModel(a.as("admin"), { model: first.id, name: "STRAßE" })).toMatchObject({
    name: "STRAßE",
  });
  await expect(make(b, "straße")).resolves.toBeDefined();
  await expect(make(a, randomUUID())).rejects.toThrow(/id/);
});

it("lets one of many renames to the same name win, and never breaks", async () => {
  const models = await Promise.all(Array.from({ length: 6 }, () => make(a)));
  const name = `wanted-${randomUUID().slice(0, 8)}`;
  const all = await Promise.allSettled([
    ...models.map((model) => updateModel(a.as("admin"), { model: model.id, name })),
    make(a, name),
  ]);
  expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const one of all) {
    if (one.status === "rejected") expect(one.reason).toMatchObject(conflict);
  }
});

it("deletes softly: name free, versions kept for the records, audit row written", async () => {
  const model = await make(a, "phoenix");
  await registerVersion(a.job(), versionInput(model.id));
  await expect(deleteModel(a.as("viewer"), { model: model.id })).rejects.toMatchObject(forbidden);
  await expect(deleteModel(b.as("admin"), { model: model.id })).rejects.toMatchObject(notFound);
  await deleteModel(a.as("ml_engineer"), { model: "Phoenix" });
  for (const ref of [model.id, "phoenix"]) {
    await expect(getModel(a.as("admin"), { model: ref })).rejects.toMatchObject(notFound);
    await expect(listVersions(a.as("admin"), { model: ref })).rejects.toMatchObject(notFound);
    await expect(deleteModel(a.as("admin"), { model: ref })).rejects.toMatchObject(notFound);
  }
  await expect(registerVersion(a.job(), versionInput(model.id))).rejects.toMatchObject(notFound);
  expect((await make(a, "phoenix")).id).not.toBe(model.id);
  expect(await actions(model.id)).toEqual(["model.created", "model.deleted"]);
  const kept = await asOwner(
    world.db.ownerUrl,
    "select 1 from model_versions where model_id = $1",
    [model.id],
  );
  expect(kept).toHaveLength(1);
});

it("keeps a model that a guard says is deployed", async () => {
  const model = await make(a);
  const guard: (typeof modelDeletionGuards)[number] = async (_tx, _ctx, row) => {
    if (row.id === model.id) throw new AppError("conflict", "It is deployed as live.");
  };
  modelDeletionGuards.push(guard);
  try {
    await expect(deleteModel(a.as("admin"), { model: model.id })).rejects.toMatchObject({
      ...conflict,
      message: "It is deployed as live.",
    });
  } finally {
    modelDeletionGuards.splice(modelDeletionGuards.indexOf(guard), 1);
  }
  expect(await actions(model.id)).toEqual(["model.created"]);
});

it("finds models by words, type, framework and tag, taking the words literally", async () => {
  const w = await world.workspace();
  const ctx = w.as("admin");
  const base = { type: "classification", framework: "xgboost" } as const;
  await createModel(ctx, { ...base, name: "churn", tags: { team: "risk", tier: "1" } });
  await createModel(ctx, { ...base, name: "fraud", description: "100% sure", type: "regression" });
  await createModel(ctx, {
    ...base,
    name: "under_score",
    framework: "lightgbm",
    tags: { team: "ads" },
  });
  const names = async (input: Parameters<typeof listModels>[1]) =>
    (await listModels(ctx, { sort: "name", order: "asc", ...input })).items.map(({ name }) => name);
  expect(await names({ search: "CHU" })).toEqual(["churn"]);
  expect(await names({ search: "%" })).toEqual(["fraud"]);
  expect(await names({ search: "_" })).toEqual(["under_score"]);
  expect(await names({ type: "regression" })).toEqual(["fraud"]);
  expect(await names({ framework: "lightgbm" })).toEqual(["under_score"]);
  expect(await names({ tag: "team" })).toEqual(["churn", "under_score"]);
  expect(await names({ tag: "team=risk" })).toEqual(["churn"]);
  expect(await names({ tag: "'; drop table models; --" })).toEqual([]);
});

it("visits every model exactly once by pages, in every sort and order, and counts versions of each", async () => {
  const w = await world.workspace();
  const ctx = w.as("admin");
  await asOwner(
    world.db.ownerUrl,
    `insert into models (workspace_id, id, name, type, framework, created_at, updated_at)
     select $1, gen_random_uuid(), 'model ' || i, 'regression', 'onnx',
       date_trunc('second', now()) - (i / 4) * interval '1 hour', date_trunc('second', now()) - (i % 3) * interval '1 hour'
     from generate_series(1, 23) i`,
    [w.id],
  );
  await registerVersion(w.job(), versionInput((await getModel(ctx, { model: "model 7" })).id));
  for (const sort of ["createdAt", "updatedAt", "name"] as const) {
    for (const order of ["asc", "desc"] as const) {
      const seen = new Map<string, number>();
      let visits = 0;
      let cursor: string | undefined;
      do {
        const page = await listModels(ctx, {
          sort,
          order,
          limit: 5,
          ...(cursor ? { cursor } : {}),
        });
        for (const { name, versionCount } of page.items) {
          seen.set(name, versionCount);
          visits += 1;
        }
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect({ sort, order, visits, different: seen.size }).toEqual({
        sort,
        order,
        visits: 23,
        different: 23,
      });
      expect([...seen].filter(([, count]) => count > 0)).toEqual([["model 7", 1]]);
    }
  }
});
