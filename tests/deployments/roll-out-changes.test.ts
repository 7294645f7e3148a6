import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  abortRollOut,
  advanceRollOut,
  getDeployment,
  getRollOut,
  listDeploymentEvents,
  pauseRollOut,
  promoteRollOut,
  resumeRollOut,
  rollBackDeployment,
  setTraffic,
} from "@/server/deployments";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  rollOutNow,
} from "./support/deployed-world";
import { count, later, requestNext, startRollOut, traffic } from "./support/rolled-out-world";

let world: DeployedWorld;
let a: TestWorkspace;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  b = await world.workspace();
});
afterAll(() => world.close());

const unwatched = { analysis: { isEnabled: false } };
const look = (deployment: string) => getDeployment(a.as("viewer"), { deployment });
const lastAudit = async (id: string) => {
  const [row] = await asOwner<{ action: string }>(
    world.db.ownerUrl,
    "select action from audit_log where subject_id = $1 order by seq desc limit 1",
    [id],
  );
  return row?.action;
};
const lastEvent = async (deployment: string) =>
  (await listDeploymentEvents(a.as("viewer"), { deployment, limit: 1 })).items[0];

describe("a roll-out in other hands", () => {
  const VERBS = { pauseRollOut, resumeRollOut, promoteRollOut, abortRollOut };

  it("is not found from another workspace, not changed by a viewer, and not by an old view", async () => {
    const made = await startRollOut(world, a, "guarded", "canary", unwatched);
    const input = { deployment: "guarded", rollOut: made.rollOutId };
    for (const [name, verb] of Object.entries(VERBS)) {
      await expect(verb(b.as("admin"), input), name).rejects.toMatchObject({ code: "not_found" });
      await expect(verb(a.as("viewer"), input), name).rejects.toMatchObject({ code: "forbidden" });
      await expect(
        verb(a.as("admin"), { ...input, expectedRevision: 0 }),
        name,
      ).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringContaining("“Version 2 takes 5% of the traffic.”"),
      });
    }
    await expect(getRollOut(b.as("admin"), input)).rejects.toMatchObject({ code: "not_found" });
    const other = { deployment: "guarded", rollOut: made.candidate };
    await expect(getRollOut(a.as("admin"), other)).rejects.toMatchObject({ code: "not_found" });
    expect(traffic(await look("guarded"))).toEqual(["v1 95 stable", "v2 5 candidate"]);
  });

  it("is changed only by those who may deploy to its environment", async () => {
    const made = await startRollOut(world, a, "granted", "canary", unwatched);
    await asOwner(
      world.db.ownerUrl,
      `insert into grants (workspace_id, id, environment, action, grantee_type, grantee)
       values ($1, gen_random_uuid(), 'production', 'deploy', 'role', 'operator')`,
      [a.id],
    );
    const input = { deployment: "granted", rollOut: made.rollOutId };
    await expect(abortRollOut(a.as("ml_engineer"), input)).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(await abortRollOut(a.as("operator"), input)).toMatchObject({ state: "aborted" });
    await asOwner(world.db.ownerUrl, "delete from grants where workspace_id = $1", [a.id]);
  });
});

describe("pause and resume", () => {
  it("stops the clock of a step and goes on with what was left of it", async () => {
    const made = await startRollOut(world, a, "clock", "canary", {
      ...unwatched,
      bakeSeconds: 100,
    });
    const input = { deployment: "clock", rollOut: made.rollOutId };
    const comment = "Waiting for the data team.";
    const paused = await pauseRollOut(later(a.as("operator"), 60), { ...input, comment });
    expect(paused).toMatchObject({ state: "paused", dueAt: null, reason: comment });
    expect(await lastEvent("clock")).toMatchObject({ kind: "paused", comment });
    expect(await lastAudit(made.deploymentId)).toBe("deployment.rollout_paused");
    await advanceRollOut(later(a.job(), 500), made.ref);
    expect(traffic(await look("clock"))).toEqual(["v1 95 stable", "v2 5 candidate"]);
    const resumed = await resumeRollOut(later(a.as("operator"), 1000), input);
    const leftMs = new Date(resumed.dueAt ?? 0).getTime() - (Date.now() + 1_000_000);
    expect(Math.abs(leftMs - 40_000)).toBeLessThan(15_000);
    expect(await lastAudit(made.deploymentId)).toBe("deployment.rollout_resumed");
    await expect(resumeRollOut(a.as("operator"), input)).rejects.toMatchObject({
      code: "conflict",
      message: "A roll-out that is progressing cannot be resumed.",
    });
    const names = await asOwner<{ name: string }>(
      world.db.ownerUrl,
      "select name from outbox where data->>'variantId' = $1 and name like '%changed'",
      [made.candidate],
    );
    expect(names).toHaveLength(2);
  });

  it("takes a paused version back all the same when it is found worse", async () => {
    const made = await startRollOut(world, a, "watched", "canary");
    const input = { deployment: "watched", rollOut: made.rollOutId };
    await pauseRollOut(a.as("admin"), input);
    const slot = { deploymentId: made.deploymentId, variantId: made.candidate, at: 20 };
    await count(world, a.id, { ...slot, ok: 10, errors: 40 });
    expect(await advanceRollOut(later(a.job(), 60), made.ref)).toMatchObject({ isOver: true });
    expect(traffic(await look("watched"))).toEqual(["v1 100 stable"]);
  });

  it("begins an aborted roll-out anew, unless another version was asked for since", async () => {
    const made = await startRollOut(world, a, "undone", "canary", unwatched);
    const input = { deployment: "undone", rollOut: made.rollOutId };
    await abortRollOut(a.as("admin"), { ...input, comment: "Wrong version." });
    expect(traffic(await look("undone"))).toEqual(["v1 100 stable"]);
    expect(await lastEvent("undone")).toMatchObject({ kind: "aborted", comment: "Wrong version." });
    expect(await lastAudit(made.deploymentId)).toBe("deployment.rollout_aborted");
    expect(await resumeRollOut(a.as("admin"), input)).toMatchObject({ state: "pending" });
    await advanceRollOut(a.job(), made.ref);
    expect(traffic(await look("undone"))).toEqual(["v1 95 stable", "v2 5 candidate"]);
    await abortRollOut(a.as("admin"), input);
    await requestNext(world, a, made, 3, { strategy: "canary", plan: unwatched });
    await expect(resumeRollOut(a.as("admin"), input)).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("promotion by hand", () => {
  it("goes one step, or to the end, before the time", async () => {
    const made = await startRollOut(world, a, "hurried", "canary", unwatched);
    const input = { deployment: "hurried", rollOut: made.rollOutId };
    const next = await promoteRollOut(a.as("operator"), { ...input, to: "next_step" });
    expect(next).toMatchObject({ state: "progressing", step: 1 });
    expect(traffic(await look("hurried"))).toEqual(["v1 75 stable", "v2 25 candidate"]);
    await promoteRollOut(a.as("operator"), { ...input, comment: "Good enough." });
    const after = await look("hurried");
    expect(traffic(after)).toEqual(["v2 100 stable"]);
    expect(after).toMatchObject({ rollOut: null, rollbackVersion: { versionNumber: 1 } });
    expect(await lastEvent("hurried")).toMatchObject({
      kind: "activated",
      comment: "Good enough.",
    });
    expect(await lastAudit(made.deploymentId)).toBe("deployment.rollout_promoted");
    await expect(promoteRollOut(a.as("operator"), input)).rejects.toMatchObject({
      code: "conflict",
    });
    const back = await rollBackDeployment(a.as("operator"), { deployment: "hurried" });
    expect(traffic(back)).toEqual(["v1 100 stable"]);
    const forward = await rollBackDeployment(a.as("operator"), { deployment: "hurried" });
    expect(traffic(forward)).toEqual(["v2 100 stable"]);
  });

  it("waits for it where the plan says so", async () => {
    const plan = { ...unwatched, bakeSeconds: 10, promotion: "manual" as const };
    const made = await startRollOut(world, a, "asked", "blue_green", plan);
    await advanceRollOut(later(a.job(), 11), made.ref);
    const input = { deployment: "asked", rollOut: made.rollOutId };
    expect(await getRollOut(a.as("viewer"), input)).toMatchObject({ state: "awaiting_promotion" });
    expect(await promoteRollOut(a.as("admin"), input)).toMatchObject({ state: "promoted" });
    expect(traffic(await look("asked"))).toEqual(["v2 100 stable"]);
  });
});

describe("traffic by hand", () => {
  it("is split as asked, once, and taken from who is not named", async () => {
    const made = await deployModel(world, a, "hand");
    await requestNext(world, a, made, 2);
    await rollOutNow(world, a, made.deploymentId);
    const { revision } = await look("hand");
    const comment = "Comparing both by eye.";
    const split = [
      { versionNumber: 1, weight: 30 },
      { variant: "v2", weight: 70 },
    ];
    const ask = { deployment: "hand", traffic: split, comment };
    const after = await setTraffic(a.as("operator"), { ...ask, expectedRevision: revision });
    expect(traffic(after)).toEqual(["v1 30 stable", "v2 70 stable"]);
    expect(await lastEvent("hand")).toMatchObject({
      kind: "traffic_set",
      message: "Traffic was set by hand: v1 30%, v2 70%.",
      comment,
    });
    expect(await lastAudit(made.deploymentId)).toBe("deployment.traffic_set");
    const again = await setTraffic(a.as("operator"), { ...ask, expectedRevision: revision });
    expect(again.revision).toBe(after.revision);
    const all = [{ versionNumber: 2, weight: 100 }];
    await expect(
      setTraffic(a.as("operator"), {
        deployment: "hand",
        traffic: all,
        expectedRevision: revision,
      }),
    ).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("v1 30%, v2 70%"),
    });
    const alone = await setTraffic(a.as("operator"), { deployment: "hand", traffic: all });
    expect(traffic(alone)).toEqual(["v2 100 stable"]);
  });

  it("refuses what does not add up, names nobody, or is not the caller's", async () => {
    await deployModel(world, a, "refused");
    const ask = (list: { variant?: string; versionNumber?: number; weight: number }[]) =>
      setTraffic(a.as("admin"), { deployment: "refused", traffic: list });
    for (const bad of [
      [{ versionNumber: 1, weight: 99 }],
      [{ weight: 100 }],
      [{ variant: "v1", versionNumber: 1, weight: 100 }],
      [],
    ]) {
      await expect(ask(bad), JSON.stringify(bad)).rejects.toMatchObject({ name: "ZodError" });
    }
    const twice = [
      { versionNumber: 1, weight: 50 },
      { variant: "v1", weight: 50 },
    ];
    await expect(ask(twice)).rejects.toMatchObject({ code: "validation_failed" });
    await expect(ask([{ variant: "v9", weight: 100 }])).rejects.toMatchObject({
      code: "not_found",
    });
    const good = { deployment: "refused", traffic: [{ versionNumber: 1, weight: 100 }] };
    await expect(setTraffic(b.as("admin"), good)).rejects.toMatchObject({ code: "not_found" });
    await expect(setTraffic(a.as("viewer"), good)).rejects.toMatchObject({ code: "forbidden" });
  });

  it("is left alone while a roll-out moves it, and may be set while it is paused", async () => {
    const made = await startRollOut(world, a, "busy", "canary", unwatched);
    const split = [
      { versionNumber: 1, weight: 60 },
      { versionNumber: 2, weight: 40 },
    ];
    const ask = { deployment: "busy", traffic: split };
    await expect(setTraffic(a.as("admin"), ask)).rejects.toMatchObject({ code: "conflict" });
    const input = { deployment: "busy", rollOut: made.rollOutId };
    await pauseRollOut(a.as("admin"), input);
    expect(traffic(await setTraffic(a.as("admin"), ask))).toEqual([
      "v1 60 stable",
      "v2 40 candidate",
    ]);
    await expect(
      setTraffic(a.as("admin"), { ...ask, traffic: [{ versionNumber: 2, weight: 100 }] }),
    ).rejects.toMatchObject({ code: "conflict" });
    await abortRollOut(a.as("admin"), input);
    expect(traffic(await look("busy"))).toEqual(["v1 100 stable"]);
  });
});
