import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/server/kernel/context";
import { expireApproval, getApproval, getVersion, requestStage } from "@/server/registry";
import { listApprovals } from "@/server/registry/approvals/list-approvals";
import { meetCondition } from "@/server/registry/approvals/meet-condition";
import { recheckApproval } from "@/server/registry/approvals/recheck-approval";
import { reviewApproval } from "@/server/registry/approvals/review-approval";
import { withdrawApproval } from "@/server/registry/approvals/withdraw-approval";
import { updateStage } from "@/server/registry/stages/update-stage";
import { auditActions, memberContext } from "../access/people";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { governedWorkspace } from "./governed-world";

let world: TestWorld;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  b = await world.workspace();
});
afterAll(() => world.close());

type Ref = { model: string; version: string };
const stageOf = async (ctx: Context, { model, version }: Ref) =>
  (await getVersion(ctx, { model, version })).stage;
const events = (workspaceId: string, name: string) =>
  asOwner<{ data: Record<string, unknown> }>(
    world.db.ownerUrl,
    "select data from outbox where workspace_id = $1 and name = $2 order by id",
    [workspaceId, name],
  );

/** Asks for production and answers the request's id. */
async function ask(ctx: Context, { model, version }: Ref, comment = ""): Promise<string> {
  const { approval } = await requestStage(ctx, { model, version, stage: "production", comment });
  if (!approval) throw new Error("nothing waits");
  return approval.id;
}

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
    expect(await events(w.id, "registry/version.stage_changed")).toMatchObject([
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

const ask1 = ({ model, version }: Ref) => ({ model, version });

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
    expect(await events(w.id, "registry/approval.requested")).toMatchObject([{ data: told }]);
    expect(await events(w.id, "registry/approval.decided")).toMatchObject([
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

  it("counts as expired from its time on, and blocks nothing then", async () => {
    const w = await governedWorkspace(world, { requestDays: 1 });
    const ref = await w.version();
    const approval = await ask(w.asker, ref);
    const later = <T extends Context>(ctx: T): T => ({
      ...ctx,
      now: () => new Date(Date.now() + 25 * 3_600_000),
    });
    await expireApproval(w.job(), approval);
    expect((await getApproval(w.asker, { approval })).state).toBe("pending");
    expect((await getApproval(later(w.asker), { approval })).state).toBe("expired");
    const open = await listApprovals(later(w.asker), { model: ref.model, state: "open" });
    expect(open.items).toEqual([]);
    await expect(
      reviewApproval(later(w.reviewer), { approval, decision: "approve" }),
    ).rejects.toMatchObject({ code: "conflict" });
    expect(await ask(later(w.asker), ref)).not.toBe(approval);
    await expireApproval(later(w.job()), approval);
    const decided = await events(w.id, "registry/approval.decided");
    expect(decided).toMatchObject([{ data: { approvalId: approval, state: "expired" } }]);
  });

  it("is withdrawn by those who may ask, once", async () => {
    const w = await governedWorkspace(world);
    const approval = await ask(w.asker, await w.version());
    for (const call of [withdrawApproval, recheckApproval] as const) {
      await expect(call(w.as("viewer"), { approval })).rejects.toMatchObject({ code: "forbidden" });
      await expect(call(b.as("admin"), { approval })).rejects.toMatchObject({ code: "not_found" });
    }
    expect(await withdrawApproval(w.asker, { approval, comment: "not yet" })).toMatchObject({
      state: "withdrawn",
      closeReason: "not yet",
    });
    await expect(withdrawApproval(w.asker, { approval })).rejects.toMatchObject({
      code: "conflict",
    });
    expect((await auditActions(world, w.id)).at(-1)).toBe("approval.withdrawn");
  });

  it("is nobody's business in another workspace", async () => {
    const w = await governedWorkspace(world);
    const ref = await w.version();
    const approval = await ask(w.asker, ref);
    const missing = { code: "not_found" };
    const admin = b.as("admin");
    await expect(getApproval(admin, { approval })).rejects.toMatchObject(missing);
    await expect(reviewApproval(admin, { approval, decision: "approve" })).rejects.toMatchObject(
      missing,
    );
    await expect(requestStage(admin, { ...ask1(ref), stage: "production" })).rejects.toMatchObject(
      missing,
    );
    expect((await listApprovals(admin, {})).items).toEqual([]);
    await expect(
      requestStage(w.as("operator"), { ...ask1(ref), stage: "testing" }),
    ).rejects.toMatchObject({ code: "forbidden" });
    await expect(requestStage(w.asker, { ...ask1(ref), stage: "nowhere" })).rejects.toMatchObject(
      missing,
    );
  });
});
