import { afterAll, beforeAll, expect, it } from "vitest";
import {
  advanceRollOut,
  beginRollOut,
  deleteDeployment,
  failRollOut,
  getDeployment,
  getRollOut,
  listDeploymentEvents,
  listRollOuts,
  measureEffect,
  rollBackDeployment,
} from "@/server/deployments";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { createDeployedWorld, type DeployedWorld, deployModel } from "./support/deployed-world";
import { count, later, requestNext, startRollOut, traffic } from "./support/rolled-out-world";

let world: DeployedWorld;
let a: TestWorkspace;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
});
afterAll(() => world.close());

const look = (name: string) => getDeployment(a.as("viewer"), { deployment: name });
const unwatched = { analysis: { isEnabled: false } };

it("takes a canary through its steps to all traffic, each for its bake time", async () => {
  const made = await startRollOut(world, a, "canary", "canary", { ...unwatched, bakeSeconds: 100 });
  expect(traffic(await look("canary"))).toEqual(["v1 95 stable", "v2 5 candidate"]);
  expect(await look("canary")).toMatchObject({
    status: "deploying",
    activeVersion: { versionNumber: 1, weight: 95 },
    rollOut: { strategy: "canary", state: "progressing", step: 0 },
  });
  const tooEarly = await advanceRollOut(later(a.job(), 95), made.ref);
  expect(tooEarly).toMatchObject({ isOver: false });
  expect(traffic(await look("canary"))).toEqual(["v1 95 stable", "v2 5 candidate"]);
  const seen: string[][] = [];
  for (const after of [101, 202, 303]) {
    await advanceRollOut(later(a.job(), after), made.ref);
    seen.push(traffic(await look("canary")));
  }
  expect(seen).toEqual([
    ["v1 75 stable", "v2 25 candidate"],
    ["v1 50 stable", "v2 50 candidate"],
    ["v2 100 stable"],
  ]);
  expect(await look("canary")).toMatchObject({ status: "active", rollOut: null });
  const { items } = await listRollOuts(a.as("viewer"), { deployment: "canary" });
  expect(items.map((one) => [one.strategy, one.state])).toEqual([
    ["canary", "promoted"],
    ["direct", "promoted"],
  ]);
  const timeline = await listDeploymentEvents(a.as("viewer"), { deployment: "canary", limit: 4 });
  expect(timeline.items.map((one) => one.message)).toEqual([
    "Version 2 takes all traffic.",
    "Version 2 takes 50% of the traffic.",
    "Version 2 takes 25% of the traffic.",
    "Version 2 takes 5% of the traffic.",
  ]);
});

it("takes a canary back that fails more often, at once, with the reason in words", async () => {
  const made = await startRollOut(world, a, "failing", "canary", { bakeSeconds: 600 });
  for (const at of [20, 30, 40]) {
    const slot = { deploymentId: made.deploymentId, at };
    await count(world, a.id, { ...slot, variantId: made.stable, ok: 900, errors: 2 });
    await count(world, a.id, { ...slot, variantId: made.candidate, ok: 40, errors: 9 });
  }
  expect(await advanceRollOut(later(a.job(), 60), made.ref)).toMatchObject({ isOver: true });
  const after = await look("failing");
  expect(traffic(after)).toEqual(["v1 100 stable"]);
  expect(after).toMatchObject({ status: "active", rollOut: null });
  expect(after.error).toMatch(/18\.4% of 147 requests failed; more than 5% do/);
  const rollOut = await getRollOut(a.as("viewer"), {
    deployment: "failing",
    rollOut: made.rollOutId,
  });
  expect(rollOut).toMatchObject({ state: "rolled_back", finishedAt: expect.any(String) });
  const rate = rollOut.analyses.find((one) => one.metric === "error_rate");
  expect(rate).toMatchObject({
    verdict: "fail",
    stableCount: 2706,
    candidateCount: 147,
    message: expect.stringContaining("the new version is worse (p < 0.0001)"),
  });
  expect(after.rollbackVersion).toBeNull();
  const audit = await asOwner<{ action: string }>(
    world.db.ownerUrl,
    "select action from audit_log where subject_id = $1 order by seq desc limit 1",
    [made.deploymentId],
  );
  expect(audit).toEqual([{ action: "deployment.rollout_rolled_back" }]);
});

it("takes a canary back whose answers are slower than the p99 of before", async () => {
  const made = await deployModel(world, a, "slow");
  const before = await look("slow");
  const stable = before.activeVersion?.id ?? "";
  const { deploymentId } = made;
  await count(world, a.id, { deploymentId, variantId: stable, at: -60, ok: 5000, latencyMs: 5 });
  const plan = { steps: [{ weight: 50, bakeSeconds: 600 }] };
  const { candidate, ref, rollOutId } = await requestNext(world, a, made, 2, {
    strategy: "canary",
    plan,
  });
  await advanceRollOut(a.job(), ref);
  for (const at of [20, 30]) {
    await count(world, a.id, { deploymentId, variantId: stable, at, ok: 200, latencyMs: 5 });
    await count(world, a.id, { deploymentId, variantId: candidate, at, ok: 180, latencyMs: 5 });
    await count(world, a.id, { deploymentId, variantId: candidate, at, ok: 20, latencyMs: 50 });
  }
  await advanceRollOut(later(a.job(), 60), ref);
  const { state, reason } = await getRollOut(a.as("viewer"), {
    deployment: "slow",
    rollOut: rollOutId,
  });
  expect(state).toBe("rolled_back");
  expect(reason).toMatch(/^10% of 400 requests were slower than \d/);
});

it("waits for enough requests, then holds for a person and says why", async () => {
  const plan = {
    steps: [{ weight: 50, bakeSeconds: 10 }],
    analysis: { minRequests: 100, maxWaitSeconds: 60 },
  };
  const made = await startRollOut(world, a, "quiet", "canary", plan);
  await advanceRollOut(later(a.job(), 30), made.ref);
  expect(await look("quiet")).toMatchObject({ rollOut: { state: "progressing" } });
  await advanceRollOut(later(a.job(), 71), made.ref);
  expect(await look("quiet")).toMatchObject({
    rollOut: { state: "paused", reason: expect.stringContaining("Too few requests to judge") },
  });
  expect(traffic(await look("quiet"))).toEqual(["v1 50 stable", "v2 50 candidate"]);
});

it("goes on by itself when enough requests show nothing bad", async () => {
  const plan = { steps: [{ weight: 50, bakeSeconds: 30 }] };
  const made = await startRollOut(world, a, "sound", "canary", plan);
  for (const variantId of [made.stable, made.candidate]) {
    await count(world, a.id, { deploymentId: made.deploymentId, variantId, at: 12, ok: 300 });
  }
  expect(await advanceRollOut(later(a.job(), 40), made.ref)).toMatchObject({ isOver: true });
  expect(traffic(await look("sound"))).toEqual(["v2 100 stable"]);
});

it("switches blue-green at once, keeps the version before warm, and goes back to it by analysis", async () => {
  const made = await startRollOut(world, a, "colors", "blue_green", { bakeSeconds: 600 });
  expect(traffic(await look("colors"))).toEqual(["v1 0 stable", "v2 100 candidate"]);
  const { deploymentId, candidate } = made;
  await count(world, a.id, { deploymentId, variantId: candidate, at: 20, ok: 50, errors: 50 });
  await advanceRollOut(later(a.job(), 60), made.ref);
  expect(traffic(await look("colors"))).toEqual(["v1 100 stable"]);
});

it("holds a blue-green version against what the one before it did in its time", async () => {
  const made = await deployModel(world, a, "past");
  const stable = (await look("past")).activeVersion?.id ?? "";
  const { deploymentId } = made;
  await count(world, a.id, { deploymentId, variantId: stable, at: -60, ok: 9990, errors: 10 });
  const next = await requestNext(world, a, made, 2, { strategy: "blue_green" });
  await advanceRollOut(a.job(), next.ref);
  const counted = { deploymentId, variantId: next.candidate, ok: 480, errors: 20 };
  await count(world, a.id, { ...counted, at: 20 });
  await advanceRollOut(later(a.job(), 60), next.ref);
  const { state, analyses } = await getRollOut(a.as("viewer"), {
    deployment: "past",
    rollOut: next.rollOutId,
  });
  expect(state).toBe("rolled_back");
  const verdicts = Object.fromEntries(analyses.map((one) => [one.metric, one.verdict]));
  expect(verdicts).toMatchObject({ error_share: "pass", error_rate: "fail" });
});

it("rolls in steps of one replica", async () => {
  const made = await deployModel(world, a, "rolling");
  await asOwner(
    world.db.ownerUrl,
    "update deployments set min_replicas = 4, max_replicas = 4 where id = $1",
    [made.deploymentId],
  );
  const plan = { ...unwatched, bakeSeconds: 10 };
  const { ref } = await requestNext(world, a, made, 2, { strategy: "rolling", plan });
  const seen: string[] = [];
  for (const after of [0, 11, 22, 33]) {
    await advanceRollOut(later(a.job(), after), ref);
    seen.push(traffic(await look("rolling")).at(-1) ?? "");
  }
  expect(seen).toEqual(["v2 25 candidate", "v2 50 candidate", "v2 75 candidate", "v2 100 stable"]);
});

it("gives a shadow no traffic and waits for a person at its end", async () => {
  const plan = { ...unwatched, bakeSeconds: 10 };
  const made = await startRollOut(world, a, "shadow", "shadow", plan);
  expect(traffic(await look("shadow"))).toEqual(["v1 100 stable", "v2 0 shadow"]);
  await advanceRollOut(later(a.job(), 11), made.ref);
  expect(await look("shadow")).toMatchObject({
    activeVersion: { versionNumber: 1 },
    rollOut: { state: "awaiting_promotion" },
  });
});

it("judges a shadow by its copies, and takes back one that fails them", async () => {
  const plan = { bakeSeconds: 60, analysis: { minRequests: 50 } };
  const good = await startRollOut(world, a, "apart", "shadow", plan);
  const bad = await startRollOut(world, a, "broken", "shadow", plan);
  for (const [made, requests, errors] of [
    [good, 200, 0],
    [bad, 150, 50],
  ] as const) {
    const { deploymentId, stable, candidate } = made;
    await count(world, a.id, { deploymentId, variantId: stable, at: 20, ok: 200 });
    await asOwner(
      world.db.ownerUrl,
      `insert into shadow_comparisons values ($1, $2, $3, date_trunc('minute', now()), $4, $4, 120, 30, $5, 0, 2.5, 80, 0, 0)`,
      [a.id, deploymentId, candidate, requests, errors],
    );
    await advanceRollOut(later(a.job(), 200), made.ref);
  }
  const goodNow = await getRollOut(a.as("viewer"), {
    deployment: "apart",
    rollOut: good.rollOutId,
  });
  expect(goodNow.state).toBe("awaiting_promotion");
  expect(goodNow.analyses.find((one) => one.metric === "outputs")?.message).toBe(
    "60% of 200 requests were answered the same, 15% of the rows with another label; numbers differ by 2.5 at most.",
  );
  const badNow = await getRollOut(a.as("viewer"), { deployment: "broken", rollOut: bad.rollOutId });
  expect(badNow).toMatchObject({
    state: "rolled_back",
    reason: expect.stringContaining("25% of 200 requests failed"),
  });
});

it("leaves a roll-out that has traffic to whoever goes on with it when its run breaks", async () => {
  const made = await startRollOut(world, a, "handed-on", "canary", unwatched);
  expect(await failRollOut(a.job(), made.ref, "the run broke")).toEqual({
    failed: false,
    goesOn: true,
  });
  expect(traffic(await look("handed-on"))).toEqual(["v1 95 stable", "v2 5 candidate"]);
  expect(await beginRollOut(a.job(), made.ref)).toEqual({ proceed: true });
});

it("ends an older roll-out when a newer one gets traffic, which starts from what was before both", async () => {
  const made = await startRollOut(world, a, "newer", "canary", unwatched);
  const next = await requestNext(world, a, made, 3, { strategy: "canary", plan: unwatched });
  expect(traffic(await look("newer"))).toEqual(["v1 95 stable", "v2 5 candidate"]);
  await advanceRollOut(a.job(), next.ref);
  expect(traffic(await look("newer"))).toEqual(["v1 95 stable", "v3 5 candidate"]);
  expect(await advanceRollOut(a.job(), made.ref)).toMatchObject({ isOver: true });
  const { items } = await listRollOuts(a.as("viewer"), { deployment: "newer", limit: 2 });
  expect(items.map((one) => one.state)).toEqual(["progressing", "superseded"]);
});

it("is over when its deployment is deleted, and aborted by a rollback", async () => {
  const doomed = await startRollOut(world, a, "doomed", "canary", unwatched);
  await deleteDeployment(a.as("admin"), { deployment: "doomed" });
  expect(await advanceRollOut(a.job(), doomed.ref)).toMatchObject({ isOver: true });
  await startRollOut(world, a, "stopped", "canary", unwatched);
  const after = await rollBackDeployment(a.as("admin"), { deployment: "stopped" });
  expect(traffic(after)).toEqual(["v1 100 stable"]);
  expect(after).toMatchObject({ rollOut: null, rollbackVersion: null });
});

it("writes beside a change what was measured before and after it", async () => {
  const made = await deployModel(world, a, "effect");
  const { deploymentId } = made;
  const stable = (await look("effect")).activeVersion?.id ?? "";
  await count(world, a.id, { deploymentId, variantId: stable, at: -30, ok: 98, errors: 2 });
  await count(world, a.id, { deploymentId, variantId: stable, at: 30, ok: 400, latencyMs: 40 });
  const timeline = await listDeploymentEvents(a.as("viewer"), { deployment: "effect", limit: 1 });
  const eventId = timeline.items[0]?.id ?? "";
  expect(timeline.items[0]).toMatchObject({ kind: "activated", effect: null });
  await measureEffect(a.job(), { deploymentId, eventId });
  const [event] = (await listDeploymentEvents(a.as("viewer"), { deployment: "effect" })).items;
  expect(event?.effect).toMatchObject({
    minutes: 5,
    before: { requests: 100, errorRate: 0.02 },
    after: { requests: 400, errorRate: 0 },
  });
  expect(event?.effect?.after.p99Ms ?? 0).toBeGreaterThan(30);
});
