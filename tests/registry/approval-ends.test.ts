import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/server/kernel/context";
import { expireApproval, getApproval, requestStage } from "@/server/registry";
import { listApprovals } from "@/server/registry/approvals/list-approvals";
import { recheckApproval } from "@/server/registry/approvals/recheck-approval";
import { reviewApproval } from "@/server/registry/approvals/review-approval";
import { withdrawApproval } from "@/server/registry/approvals/withdraw-approval";
import { auditActions, memberContext } from "../access/people";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { ask, ask1, events } from "./approval-requests";
import { governedWorkspace } from "./governed-world";

let world: TestWorld;
let b: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  b = await world.workspace();
});
afterAll(() => world.close());

describe("a request", () => {
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
    const decided = await events(world, w.id, "registry/approval.decided");
    expect(decided).toMatchObject([{ data: { approvalId: approval, state: "expired" } }]);
  });

  it("is withdrawn by who asked or an administrator, once", async () => {
    const w = await governedWorkspace(world);
    const approval = await ask(w.asker, await w.version());
    for (const call of [withdrawApproval, recheckApproval] as const) {
      await expect(call(w.as("viewer"), { approval })).rejects.toMatchObject({ code: "forbidden" });
      await expect(call(b.as("admin"), { approval })).rejects.toMatchObject({ code: "not_found" });
    }
    const colleague = await memberContext(world, w, "data_scientist", "Alan");
    await expect(withdrawApproval(colleague, { approval })).rejects.toMatchObject({
      code: "forbidden",
    });
    const other = await ask(w.asker, await w.version());
    expect((await withdrawApproval(w.as("admin"), { approval: other })).state).toBe("withdrawn");
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
