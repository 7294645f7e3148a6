import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requireGrant, requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import { lockStages } from "../stages/internal";
import { saveApproval } from "./close-approval";
import { conditionsOf, lockApproval, requireOpen } from "./internal";
import { personKey } from "./policy";
import { requireReviewer } from "./review-approval";
import { type ApprovalDto, meetConditionInput } from "./schemas";
import { settleApproval } from "./settle-approval";
import { toApprovalDtos } from "./to-approval-dto";

/**
 * Marks a condition as met; the version moves with the last one, if its gates pass then. Whoever may
 * review may mark, so nobody vouches for themselves. Throws not_found, conflict when it is met
 * already or the request is no longer open.
 */
export async function meetCondition(
  ctx: Context,
  input: z.input<typeof meetConditionInput>,
): Promise<ApprovalDto> {
  requirePermission(ctx, "approvals:write");
  const values = meetConditionInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const { approval, model } = await lockApproval(tx, ctx, values.approval);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "review" });
    await lockStages(tx, ctx, "shared");
    const conditions = conditionsOf(approval);
    const condition = conditions.find(({ id }) => id === values.condition);
    if (!condition) throw notFound("The condition");
    requireOpen(approval, ctx.now());
    await requireReviewer(tx, ctx, model, approval, { again: true });
    if (condition.metAt) throw new AppError("conflict", "The condition is met already.");
    const met = {
      ...condition,
      metAt: ctx.now().toISOString(),
      metBy: personKey(ctx.actor),
      note: values.note,
    };
    const saved = await saveApproval(tx, ctx, approval, "approval.condition_met", {
      conditions: conditions.map((one) => (one.id === met.id ? met : one)),
    });
    const settled = await settleApproval(tx, ctx, model, saved);
    const [dto] = await toApprovalDtos(tx, ctx, [settled.approval]);
    if (!dto) throw new Error("a request became nothing");
    return dto;
  });
}
