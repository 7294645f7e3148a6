import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/server/kernel/context";
import { getApproval, requestStage } from "@/server/registry";
import { meetCondition } from "@/server/registry/approvals/meet-condition";
import { recheckApproval } from "@/server/registry/approvals/recheck-approval";
import { reviewApproval } from "@/server/registry/approvals/review-approval";
import { updateStage } from "@/server/registry/stages/update-stage";
import { auditActions, memberContext } from "../access/people";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { ask, ask1, events, stageOf } from "./approval-requests";
import { governedWorkspace } from "./governed-world";

let world: TestWorld;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  b = await world.workspace();
});
afterAll(() => world.close());

describe("a stage that asks for no approval", () => {
  it("is entered at once, with audit row and event, and again changes nothing", async () => {
    const w = await governedWorkspace(world);
    const { id, model, version } = await w.version();
    const moved = await requestStage(w.asker, { model, version, stage: "testing" });
    expect(moved).toMatchObject({
      outcome: "moved",
      approval: null,
      version: { stage: "testing" },
    });
    expect(await events(world, w.id, "registry/version.stage_changed")).toMatchObject([
      { data: { versionId: id, from: "development", to: "testing" } },
    ]);
    expect((await auditActions(world, w.id)).at(-1)).toBe("version.stage_changed");
    expect(await requestStage(w.asker, { model, version, stage: "testing" })).toMatchObject({
      outcome: "unchanged",
    });
  });

  it("waits while a gate is red and moves when it turned green", async () => {
    const gate = { type: "metric", metric: "accuracy", against: { kind: "constant", value: 0.9 } };
    const w = await governedWorkspace(world, { needsApproval: false, gates: [gate as never] });
    const ref = await w.version({ metrics: { validation: {}, test: { accuracy: 0.8 } } });
    const asked = await requestStage(w.asker, { ...ask1(ref), stage: "production" });
    expect(asked).toMatchObject({
      outcome: "pending",
      version: { stage: "development" },
      approval: {
        state: "pending",
        required: { count: 0 },
        gates: { atRequest: { outcomes: [{ passed: false, measured: 0.8, bound: 0.9 }] } },
      },
    });
    const approval = asked.approval?.id ?? "";
    expect(await recheckApproval(w.asker, { approval })).toMatchObject({ state: "pending" });
    await w.production({
      gates: [{ ...gate, against: { kind: "constant", value: 0.8 } } as never],
    });
    expect(await recheckApproval(w.asker, { approval })).toMatchObject({
      state: "approved",
      gates: { atMove: { outcomes: [{ passed: true, measured: 0.8, bound: 0.8 }] } },
    });
    expect(await stageOf(w.asker, ref)).toBe("production");
  });
});

describe("a request", () => {
  it("waits for a person who did not ask, moves the version, and leaves the whole trail", async () => {
    const w = await governedWorkspace(world);
    const ref = await w.version();
    const approval = await ask(w.asker, ref, "ready");
    expect(await stageOf(w.asker, ref)).toBe("development");
    expect(await getApproval(w.reviewer, { approval })).toMatchObject({
      state: "pending",
      comment: "ready",
      requestedBy: { name: "Ada" },
      required: { count: 1 },
      review: { allowed: true, reason: null },
    });
    const done = await reviewApproval(w.reviewer, { approval, decision: "approve", comment: "ok" });
    expect(done).toMatchObject({
      state: "approved",
      decidedAt: expect.any(String),
      reviews: [{ reviewer: { name: "Grace" }, decision: "approve", comment: "ok" }],
    });
    expect(await stageOf(w.asker, ref)).toBe("production");
    expect((await auditActions(world, w.id)).slice(-4)).toEqual([
      "approval.requested",
      "approval.reviewed",
      "version.stage_changed",
      "approval.approved",
    ]);
    const told = { approvalId: approval, versionId: ref.id };
    expect(await events(world, w.id, "registry/approval.requested")).toMatchObject([
      { data: told },
    ]);
    expect(await events(world, w.id, "registry/approval.decided")).toMatchObject([
      { data: { ...told, state: "approved" } },
    ]);
  });

  it("is reviewed neither by who asked, nor by a key of theirs, nor by who made the version", async () => {
    const w = await governedWorkspace(world);
    const self = { ...w.reviewer };
    const maker = await memberContext(world, w, "ml_engineer", "Barbara");
    const ref = await w.version({}, maker);
    const approval = await ask(self, ref);
    const yes = { approval, decision: "approve" } as const;
    await expect(reviewApproval(self, yes)).rejects.toMatchObject({
      code: "forbidden",
      message: "Nobody reviews their own request.",
    });
    const key = { type: "apiKey", keyId: ref.id, name: "k", role: "admin", runId: null } as const;
    const own = { ...self, actor: { ...key, createdBy: w.reviewer.userId } };
    await expect(reviewApproval(own, yes)).rejects.toMatchObject({ code: "forbidden" });
    await expect(reviewApproval(maker, yes)).rejects.toMatchObject({
      message: "Nobody reviews a version they made.",
    });
    await expect(reviewApproval({ ...self, actor: key }, yes)).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(reviewApproval(w.job(), yes)).rejects.toMatchObject({ code: "forbidden" });
    await expect(reviewApproval(w.asker, yes)).rejects.toMatchObject({ code: "forbidden" });
    expect(await stageOf(self, ref)).toBe("development");
    expect(await getApproval(maker, { approval })).toMatchObject({
      trainedBy: { name: "Barbara" },
      review: { allowed: false, reason: "Nobody reviews a version they made." },
    });
  });

  it("needs as many people as the stage says, and only those it names count", async () => {
    const w = await governedWorkspace(world, { reviewers: { count: 2, roles: ["ml_engineer"] } });
    const ref = await w.version();
    const approval = await ask(w.asker, ref);
    const yes = { approval, decision: "approve" } as const;
    await expect(reviewApproval(w.other, yes)).rejects.toMatchObject({ code: "forbidden" });
    await w.production({
      reviewers: { count: 2, roles: ["ml_engineer"], people: [w.other.userId] },
    });
    expect(await reviewApproval(w.reviewer, yes)).toMatchObject({ state: "pending" });
    await expect(reviewApproval(w.reviewer, yes)).rejects.toMatchObject({
      message: "You reviewed this request already.",
    });
    expect(await reviewApproval(w.other, yes)).toMatchObject({ state: "approved" });
    expect(await stageOf(w.asker, ref)).toBe("production");
  });

  it("ends with one rejection, after which nobody decides", async () => {
    const w = await governedWorkspace(world, { reviewers: { count: 2 } });
    const ref = await w.version();
    const approval = await ask(w.asker, ref);
    await reviewApproval(w.reviewer, { approval, decision: "approve" });
    const rejected = await reviewApproval(w.other, { approval, decision: "reject", comment: "no" });
    expect(rejected.state).toBe("rejected");
    await expect(
      reviewApproval(w.as("admin"), { approval, decision: "approve" }),
    ).rejects.toMatchObject({ code: "conflict" });
    expect(await stageOf(w.asker, ref)).toBe("development");
    expect(await ask(w.asker, ref)).not.toBe(approval);
  });

  it("approved on conditions moves when the last one is met, marked by who may review", async () => {
    const w = await governedWorkspace(world);
    const ref = await w.version();
    const approval = await ask(w.asker, ref);
    const conditions = ["Write the card", "Tell support"];
    const first = await reviewApproval(w.reviewer, {
      approval,
      decision: "conditional",
      conditions,
    });
    expect(first).toMatchObject({ state: "conditional", conditions: [{ metAt: null }, {}] });
    expect(first.conditions.map(({ text }) => text)).toEqual(conditions);
    const [one = "", two = ""] = first.conditions.map(({ id }) => id);
    const meet = (ctx: Context, condition: string) =>
      meetCondition(ctx, { approval, condition, note: "seen" });
    await expect(meet(w.asker, one)).rejects.toMatchObject({ code: "forbidden" });
    await expect(meet(b.as("admin"), one)).rejects.toMatchObject({ code: "not_found" });
    await expect(meet(w.reviewer, approval)).rejects.toMatchObject({ code: "not_found" });
    expect(await meet(w.other, one)).toMatchObject({
      state: "conditional",
      conditions: [{ metBy: { name: "Edsger" }, note: "seen" }, { metAt: null }],
    });
    await expect(meet(w.other, one)).rejects.toMatchObject({ code: "conflict" });
    expect(await stageOf(w.asker, ref)).toBe("development");
    expect(await meet(w.reviewer, two)).toMatchObject({ state: "approved" });
    expect(await stageOf(w.asker, ref)).toBe("production");
    expect(await auditActions(world, w.id)).toContain("approval.condition_met");
  });

  it("takes conditions with the decision conditional and with no other", async () => {
    const w = await governedWorkspace(world);
    const approval = await ask(w.asker, await w.version());
    for (const bad of [
      { decision: "conditional", conditions: [] },
      { decision: "approve", conditions: ["x"] },
      { decision: "maybe" },
    ]) {
      await expect(reviewApproval(w.reviewer, { approval, ...bad } as never)).rejects.toThrow();
    }
    expect(await getApproval(w.reviewer, { approval })).toMatchObject({ reviews: [] });
  });

  it("does not move through a gate that turned red after it was asked for", async () => {
    const w = await governedWorkspace(world);
    const ref = await w.version();
    const approval = await ask(w.asker, ref);
    await w.production({ gates: [{ type: "semantic_version" }] });
    const blocked = await reviewApproval(w.reviewer, { approval, decision: "approve" });
    expect(blocked).toMatchObject({
      state: "pending",
      reviews: [{ decision: "approve" }],
      gates: { atRequest: { outcomes: [] }, atMove: { outcomes: [{ passed: false }] } },
    });
    expect(await stageOf(w.asker, ref)).toBe("development");
    await w.production({ gates: [] });
    expect(await recheckApproval(w.asker, { approval })).toMatchObject({ state: "approved" });
  });

  it("is void once the version moved by another way", async () => {
    const w = await governedWorkspace(world);
    const ref = await w.version();
    const approval = await ask(w.asker, ref);
    await requestStage(w.asker, { ...ask1(ref), stage: "staging" });
    expect(await getApproval(w.asker, { approval })).toMatchObject({
      state: "expired",
      closeReason: "The version moved to staging meanwhile.",
    });
    await expect(
      reviewApproval(w.reviewer, { approval, decision: "approve" }),
    ).rejects.toMatchObject({ code: "conflict" });
    expect(await stageOf(w.asker, ref)).toBe("staging");
  });

  it("is one for a version: the same stage again is the same request, another stage a conflict", async () => {
    const w = await governedWorkspace(world, {});
    const ref = await w.version();
    const approval = await ask(w.asker, ref);
    expect(await ask(w.reviewer, ref)).toBe(approval);
    await updateStage(w.as("admin"), { stage: "staging", needsApproval: true });
    await expect(requestStage(w.asker, { ...ask1(ref), stage: "staging" })).rejects.toMatchObject({
      code: "conflict",
    });
  });
});
