import { afterAll, beforeAll, expect, it } from "vitest";
import { advanceRollOut, getDeployment, getRollOut } from "@/server/deployments";
import { newId } from "@/server/kernel/ids";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { createDeployedWorld, type DeployedWorld } from "./support/deployed-world";
import { later, startRollOut, traffic, type UnderWay } from "./support/rolled-out-world";

let world: DeployedWorld;
let a: TestWorkspace;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
});
afterAll(() => world.close());

/** Log rows of a variant with what came of them, told now. */
async function tell(made: UnderWay, variantId: string, offs: number[], isPinned = false) {
  const rows = offs.map((off) => ({ id: newId(), predicted: 10, truth: 10 + off }));
  await asOwner(
    world.db.ownerUrl,
    `with said as (
       select * from json_to_recordset($1) as r (id uuid, predicted float8, truth float8)
     ), logged as (
       insert into prediction_logs (workspace_id, request_id, at, deployment_id, variant_id, status, rows, outputs, latency_us, is_pinned)
       select $2, id, now(), $3, $4, 200, 1, json_build_object('predictions', json_build_array(predicted)), 1000, $5 from said
     )
     insert into prediction_outcomes (workspace_id, request_id, requested_at, outcome, at)
     select $2, id, now(), jsonb_build_array(truth), now() from said`,
    [JSON.stringify(rows), a.id, made.deploymentId, variantId, isPinned],
  );
}

const spread = (count: number, times: number) =>
  Array.from({ length: count }, (_, at) => (((at * 37) % 100) / 100) * times);
const quality = async (made: UnderWay) => {
  const found = await getRollOut(a.as("viewer"), {
    deployment: made.deploymentId,
    rollOut: made.rollOutId,
  });
  return { ...found, reading: found.analyses.find((one) => one.metric === "label_quality") };
};

it("takes a version back whose predictions turn out further off, with the reason in words", async () => {
  const made = await startRollOut(world, a, "further-off", "canary", { bakeSeconds: 600 });
  await tell(made, made.stable, spread(300, 1));
  await tell(made, made.candidate, spread(120, 5));
  expect(await advanceRollOut(later(a.job(), 60), made.ref)).toMatchObject({ isOver: true });
  const { state, reason, reading } = await quality(made);
  expect(state).toBe("rolled_back");
  expect(reason).toMatch(
    /^Errors of 2\.\d+ on average over 120 outcomes, 0\.495 over 300 outcomes/,
  );
  expect(reading).toMatchObject({ verdict: "fail", stableCount: 300, candidateCount: 120 });
  const after = await getDeployment(a.as("viewer"), { deployment: "further-off" });
  expect(traffic(after)).toEqual(["v1 100 stable"]);
});

it("leaves a version alone that is as good, one with few outcomes, and requests that chose it", async () => {
  const made = await startRollOut(world, a, "as-good", "canary", { bakeSeconds: 600 });
  await tell(made, made.stable, spread(300, 1));
  await tell(made, made.candidate, spread(20, 5));
  await tell(made, made.candidate, spread(300, 5), true);
  await advanceRollOut(later(a.job(), 60), made.ref);
  expect((await quality(made)).reading).toMatchObject({
    verdict: "pass",
    candidateCount: 20,
    message: expect.stringContaining("compared from 50 of each"),
  });
  const other = await startRollOut(world, a, "equal", "canary", { bakeSeconds: 600 });
  await tell(other, other.stable, spread(300, 1));
  await tell(other, other.candidate, spread(100, 1));
  await advanceRollOut(later(a.job(), 60), other.ref);
  expect((await quality(other)).reading).toMatchObject({ verdict: "pass", candidateCount: 100 });
});

it("judges no outcomes where the plan says so", async () => {
  const plan = { bakeSeconds: 600, analysis: { judgesOutcomes: false } };
  const made = await startRollOut(world, a, "unjudged", "canary", plan);
  await tell(made, made.stable, spread(300, 1));
  await tell(made, made.candidate, spread(120, 5));
  await advanceRollOut(later(a.job(), 60), made.ref);
  const { state, reading } = await quality(made);
  expect([state, reading]).toEqual(["progressing", undefined]);
});
