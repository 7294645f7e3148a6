import { afterAll, beforeAll, expect, it } from "vitest";
import { logBatch } from "@/server/experiments";
import {
  deleteAlias,
  getApproval,
  registerVersion,
  requestStage,
  setAlias,
} from "@/server/registry";
import { recheckApproval } from "@/server/registry/approvals/recheck-approval";
import { reviewApproval } from "@/server/registry/approvals/review-approval";
import { createTestWorld, type TestWorld } from "../support/workspace";
import { type GovernedWorkspace, governedWorkspace } from "./governed-world";
import { insertRun, versionInput } from "./version-input";

let world: TestWorld;
let w: GovernedWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  w = await governedWorkspace(world);
});
afterAll(() => world.close());

const champion = { kind: "alias", alias: "champion" } as const;
const accuracy = (value: number) => ({ validation: {}, test: { accuracy: value } });

/** A model whose versions reached these accuracies. */
async function measured(...values: number[]) {
  const [first = 0, ...rest] = values;
  const ref = await w.version({ metrics: accuracy(first) });
  for (const value of rest) {
    await registerVersion(w.job(), versionInput(ref.model, { metrics: accuracy(value) }));
  }
  return ref.model;
}

it("lets in who is as good as the champion, and nobody else", async () => {
  const model = await measured(0.9, 0.89, 0.9, 0.95);
  await w.production({
    needsApproval: false,
    gates: [{ type: "metric", metric: "accuracy", against: champion }],
  });
  await setAlias(w.as("admin"), { model, alias: "Champion", version: "1" });
  const enter = (version: string) => requestStage(w.asker, { model, version, stage: "production" });
  expect(await enter("2")).toMatchObject({
    outcome: "pending",
    approval: {
      gates: {
        atRequest: {
          outcomes: [
            {
              title: "test accuracy ≥ champion",
              passed: false,
              measured: 0.89,
              bound: 0.9,
              reason: "0.89 is not ≥ 0.9.",
            },
          ],
        },
      },
    },
  });
  expect(await enter("3")).toMatchObject({ outcome: "moved" });
  expect(await enter("4")).toMatchObject({ outcome: "moved" });
  await deleteAlias(w.as("admin"), { model, alias: "Champion" });
  expect(await enter("2")).toMatchObject({ outcome: "moved" });
});

it("judges again at the moment of the move: a better champion in between keeps the version out", async () => {
  const model = await measured(0.8, 0.85, 0.99);
  await w.production({
    needsApproval: true,
    gates: [{ type: "metric", metric: "accuracy", against: champion }],
  });
  await setAlias(w.as("admin"), { model, alias: "champion", version: "1" });
  const asked = await requestStage(w.asker, { model, version: "2", stage: "production" });
  const approval = asked.approval?.id ?? "";
  expect(asked.approval?.gates.atRequest.outcomes[0]).toMatchObject({ passed: true, bound: 0.8 });
  await setAlias(w.as("admin"), { model, alias: "champion", version: "3" });
  const reviewed = await reviewApproval(w.reviewer, { approval, decision: "approve" });
  expect(reviewed).toMatchObject({
    state: "pending",
    gates: { atMove: { outcomes: [{ passed: false, measured: 0.85, bound: 0.99 }] } },
  });
  await setAlias(w.as("admin"), { model, alias: "champion", version: "1" });
  expect((await getApproval(w.asker, { approval })).gatesNow?.outcomes[0]?.passed).toBe(true);
  expect(await recheckApproval(w.asker, { approval })).toMatchObject({ state: "approved" });
});

it("reads the newest value the run logged, and compares with the version in a stage", async () => {
  const runId = await insertRun(world, w.id, "logged");
  const point = (key: string, value: number) => ({ key, value, timestamp: 1, step: 1 });
  await logBatch(w.as("admin"), {
    runId,
    metrics: [point("f1", 0.1), { ...point("f1", 0.7), step: 2 }, point("broken", Number.NaN)],
  });
  const ref = await w.version({ runId });
  const gate = (metric: string, value: number) => ({
    type: "metric" as const,
    source: "run" as const,
    metric,
    against: { kind: "constant" as const, value },
  });
  await w.production({
    needsApproval: true,
    gates: [
      gate("f1", 0.7),
      gate("broken", 0),
      { type: "metric", metric: "accuracy", against: { kind: "stage", stage: "staging" } },
      { type: "artifacts" },
      { type: "lineage", parts: ["run", "dataset"] },
      { type: "parity" },
    ],
  });
  const rival = await registerVersion(
    w.job(),
    versionInput(ref.model, { metrics: accuracy(0.97) }),
  );
  await requestStage(w.asker, { model: ref.model, version: rival.id, stage: "staging" });
  const { approval } = await requestStage(w.asker, {
    model: ref.model,
    version: "1",
    stage: "production",
  });
  const outcomes = approval?.gates.atRequest.outcomes ?? [];
  expect(outcomes.map(({ passed, measured, bound }) => [passed, measured, bound])).toEqual([
    [true, 0.7, 0.7],
    [false, null, null],
    [false, 0.88, 0.97],
    [false, 0, 1],
    [false, null, null],
    [true, 1e-7, 1e-5],
  ]);
});
