import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDataset, deleteDataset } from "@/server/datasets";
import { stageFile } from "@/server/datasets/stage-file";
import {
  compareVersions,
  lineageSources,
  registerVersion,
  versionLineage,
} from "@/server/registry";
import { compareRows } from "@/server/registry/compare-rows";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { insertRun, newModel, versionInput } from "./version-input";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(() => world.close());

async function makeDataset() {
  const file = await stageFile(Readable.from([Buffer.from("x\n1\n")]), "x.csv", 1e6);
  try {
    return (await createDataset(a.as("admin"), { name: `d-${randomUUID().slice(0, 8)}` }, file))
      .dataset;
  } finally {
    await file.discard();
  }
}

it("draws dataset → run → version → model, the versions before, and what other slices add", async () => {
  const model = await newModel(a.as("admin"));
  const dataset = await makeDataset();
  const runId = await insertRun(world, a.id, "bright run");
  const first = await registerVersion(a.job(), versionInput(model.id, { label: "1.0" }));
  const second = await registerVersion(
    a.job(),
    versionInput(model.id, { runId, datasetId: dataset.id }),
  );
  expect(second.datasetSha256).toBe(dataset.sha256);
  const source: (typeof lineageSources)[number] = async (_tx, _ctx, version) => ({
    nodes: [{ id: "d", kind: "deployment", label: "live", detail: "production" }],
    edges: [{ from: version.id, to: "d", label: "deployed as" }],
  });
  lineageSources.push(source);
  const graph = await versionLineage(a.as("viewer"), { model: model.id, version: "2" });
  lineageSources.splice(lineageSources.indexOf(source), 1);
  expect(graph.versionId).toBe(second.id);
  expect(graph.nodes).toEqual(
    expect.arrayContaining([
      { id: model.id, kind: "model", label: model.name, detail: "classification" },
      { id: second.id, kind: "version", label: "v2", detail: "logistic_regression" },
      { id: first.id, kind: "version", label: "v1 · 1.0", detail: "logistic_regression" },
      expect.objectContaining({ id: dataset.id, kind: "dataset", label: `${dataset.name} v1` }),
      { id: runId, kind: "run", label: "bright run", detail: "FINISHED" },
      { id: "d", kind: "deployment", label: "live", detail: "production" },
    ]),
  );
  expect(graph.truncated).toBe(false);
  const edges = [
    { from: second.id, to: model.id, label: "version of" },
    { from: dataset.id, to: runId, label: "read by" },
    { from: runId, to: second.id, label: "made" },
    { from: first.id, to: second.id, label: "followed by" },
    { from: second.id, to: "d", label: "deployed as" },
  ];
  expect(graph.edges).toHaveLength(edges.length);
  expect(graph.edges).toEqual(expect.arrayContaining(edges));
  const ids = new Set(graph.nodes.map(({ id }) => id));
  for (const { from, to } of graph.edges) expect(ids.has(from) && ids.has(to)).toBe(true);
});

it("still names a deleted dataset, and shows nothing to another workspace", async () => {
  const model = await newModel(a.as("admin"));
  const dataset = await makeDataset();
  await registerVersion(a.job(), versionInput(model.id, { datasetId: dataset.id }));
  await deleteDataset(a.as("admin"), { dataset: dataset.id });
  const graph = await versionLineage(a.as("viewer"), { model: model.id, version: "latest" });
  expect(graph.nodes).toContainEqual({
    id: dataset.id,
    kind: "dataset",
    label: `${dataset.name} v1`,
    detail: "deleted",
  });
  await expect(
    versionLineage(b.as("admin"), { model: model.id, version: "1" }),
  ).rejects.toMatchObject({ code: "not_found" });
  const foreign = versionInput((await newModel(b.as("admin"))).id, { datasetId: dataset.id });
  await expect(registerVersion(b.job(), foreign)).rejects.toMatchObject({ code: "not_found" });
});

it("puts versions side by side and marks the rows that differ", async () => {
  const model = await newModel(a.as("admin"));
  await registerVersion(a.job(), versionInput(model.id));
  const changed = versionInput(model.id, {
    algorithm: "random_forest",
    hyperparameters: { C: 1, trees: 100 },
    metrics: { validation: { accuracy: 0.9 }, test: { accuracy: 0.91, f1: 0.8 } },
  });
  await registerVersion(a.job(), changed);
  const found = await compareVersions(a.as("viewer"), { model: model.name, versions: "2,1" });
  expect(found.versions.map(({ number }) => number)).toEqual([2, 1]);
  expect(found.metrics).toEqual([
    { name: "test.accuracy", values: [0.91, 0.88], differs: true },
    { name: "test.f1", values: [0.8, null], differs: true },
    { name: "validation.accuracy", values: [0.9, 0.9], differs: false },
    { name: "validation.auc", values: [null, 0.95], differs: true },
  ]);
  expect(found.hyperparameters).toEqual([
    { name: "C", values: [1, 1], differs: false },
    { name: "trees", values: [100, null], differs: true },
  ]);
  expect(found.features).toEqual([
    { name: "age", values: ["number", "number"], differs: false },
    { name: "color", values: ["category", "category"], differs: false },
  ]);
  expect(found.facts[0]).toEqual({
    name: "algorithm",
    values: ["random_forest", "logistic_regression"],
    differs: true,
  });
});

it("compares tensors and environment, and shows the differences alone when asked", async () => {
  const model = await newModel(a.as("admin"));
  const environment = (numpy: string) => ({ python: "3.12", packages: { numpy, onnx: "1.19" } });
  await registerVersion(a.job(), versionInput(model.id, { environment: environment("2.0") }));
  await registerVersion(a.job(), versionInput(model.id, { environment: environment("2.1") }));
  const compare = (differencesOnly: "true" | "false") =>
    compareVersions(a.as("viewer"), { model: model.id, versions: "1,2", differencesOnly });
  const whole = await compare("false");
  expect(whole.signature[0]).toEqual({
    name: "inputs.numeric",
    values: ["FP64 [-1, 1]", "FP64 [-1, 1]"],
    differs: false,
  });
  expect(whole.environment.map(({ name }) => name)).toEqual([
    "packages.numpy",
    "packages.onnx",
    "python",
  ]);
  const different = await compare("true");
  expect(different).toMatchObject({
    metrics: [],
    hyperparameters: [],
    features: [],
    signature: [],
  });
  expect(different.environment).toEqual([
    { name: "packages.numpy", values: ["2.0", "2.1"], differs: true },
  ]);
});

it("compares two to ten different versions of the one model only", async () => {
  const model = await newModel(a.as("admin"));
  for (let i = 0; i < 2; i += 1) await registerVersion(a.job(), versionInput(model.id));
  const compare = (versions: string | string[]) =>
    compareVersions(a.as("viewer"), { model: model.id, versions });
  for (const versions of ["1", "", "1,1", "1,,2", Array.from({ length: 11 }, (_, i) => `${i}`)]) {
    await expect(compare(versions)).rejects.toThrow();
  }
  await expect(compare("2,latest")).rejects.toMatchObject({ code: "validation_failed" });
  await expect(compare("1,3")).rejects.toMatchObject({ code: "not_found" });
  await expect(
    compareVersions(b.as("admin"), { model: model.id, versions: "1,2" }),
  ).rejects.toMatchObject({ code: "not_found" });
});

it("marks a row as equal exactly when all values are the same JSON", () => {
  const record = fc.dictionary(fc.constantFrom("a", "b", "__proto__"), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), (records) => {
      for (const { name, values, differs } of compareRows(records)) {
        expect(values).toHaveLength(records.length);
        if (!differs) {
          for (const value of values) expect(value ?? null).toEqual(values[0] ?? null);
        }
        expect(records.some((one) => Object.hasOwn(one, name))).toBe(true);
      }
      expect(compareRows([...records, ...records]).map(({ name }) => name)).toEqual(
        compareRows(records).map(({ name }) => name),
      );
    }),
  );
  expect(compareRows([{ x: { p: 1, q: 2 } }, { x: { q: 2, p: 1.0 } }])).toMatchObject([
    { differs: false },
  ]);
});
