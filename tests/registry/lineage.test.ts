import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDataset } from "@/server/datasets";
import { stageFile } from "@/server/datasets/stage-file";
import { logInputs } from "@/server/experiments";
import { registerVersion, versionLineage } from "@/server/registry";
import { datasetLineage } from "@/server/registry/lineage/version-lineage";
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

async function chain(length: number) {
  const model = await newModel(a.as("admin"));
  const file = await stageFile(Readable.from([Buffer.from("x\n1\n")]), "x.csv", 1e6);
  const { dataset } = await createDataset(
    a.as("admin"),
    { name: `d-${randomUUID().slice(0, 8)}` },
    file,
  );
  await file.discard();
  const runId = await insertRun(world, a.id, "first run");
  const ids: string[] = [];
  for (let i = 0; i < length; i += 1) {
    const origin = i === 0 ? { runId, datasetId: dataset.id } : {};
    ids.push((await registerVersion(a.job(), versionInput(model.id, origin))).id);
  }
  return { model: model.id, dataset, runId, ids };
}

const kinds = (graph: { nodes: { id: string }[] }) => graph.nodes.map(({ id }) => id);

it("goes up to what a version was made from and down to what was made of it, as far as asked", async () => {
  const { model, dataset, runId, ids } = await chain(4);
  const [v1 = "", v2 = "", v3 = "", v4 = ""] = ids;
  const graph = (direction: "up" | "down" | "both", depth = 20) =>
    versionLineage(a.as("viewer"), { model, version: "2", direction, depth });
  expect(kinds(await graph("up")).toSorted()).toEqual(
    [model, v2, v1, runId, dataset.id].toSorted(),
  );
  expect(kinds(await graph("up", 1)).toSorted()).toEqual([model, v2, v1].toSorted());
  expect(kinds(await graph("up", 2))).not.toContain(dataset.id);
  expect(kinds(await graph("down")).toSorted()).toEqual([model, v2, v3, v4].toSorted());
  expect(kinds(await graph("down", 1)).toSorted()).toEqual([model, v2, v3].toSorted());
  expect(kinds(await graph("both"))).toHaveLength(7);
});

it("starts at a dataset: its runs, then their versions, then what followed", async () => {
  const { dataset, runId, ids } = await chain(3);
  const graph = (depth: number) => datasetLineage(a.as("viewer"), { dataset: dataset.name, depth });
  expect(kinds(await graph(1))).toEqual([dataset.id, runId]);
  expect(kinds(await graph(2))).toEqual([dataset.id, runId, ids[0]]);
  const whole = await graph(20);
  expect(kinds(whole)).toEqual([dataset.id, runId, ...ids]);
  expect(whole.edges).toContainEqual({ from: dataset.id, to: runId, label: "read by" });
  expect(whole.edges).toContainEqual({ from: runId, to: ids[0], label: "made" });
  await expect(datasetLineage(b.as("admin"), { dataset: dataset.id })).rejects.toMatchObject({
    code: "not_found",
  });
});

it("shows a logged input that is one of our datasets as one node", async () => {
  const { model, runId, dataset } = await chain(1);
  const logged = { sourceType: "modelyard", source: "/x" };
  await logInputs(a.as("admin"), {
    runId,
    datasets: [
      { name: dataset.name, digest: dataset.sha256.slice(0, 32), ...logged },
      { name: dataset.name, digest: dataset.sha256.slice(0, 8), ...logged },
    ],
  });
  const { nodes } = await versionLineage(a.as("viewer"), { model, version: "1" });
  // Eight characters may be those of other bytes.
  expect(nodes.filter(({ kind }) => kind === "dataset").map(({ detail }) => detail)).toEqual([
    dataset.sha256.slice(0, 12),
    `logged, ${dataset.sha256.slice(0, 8)}`,
  ]);
});

it("names the datasets a client logged with the run", async () => {
  const { model, runId } = await chain(1);
  await logInputs(a.as("admin"), {
    runId,
    datasets: [{ name: "rows of may", digest: "abc", sourceType: "local", source: "/x" }],
  });
  const graph = await versionLineage(a.as("viewer"), { model, version: "1" });
  expect(graph.nodes).toContainEqual(
    expect.objectContaining({ kind: "dataset", label: "rows of may", detail: "logged, abc" }),
  );
});
