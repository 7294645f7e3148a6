import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { approvalReviews, approvals } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { getVersionInWorkspace, type ModelRow } from "../internal";
import { loadStages, lockStages, requireStage } from "../stages/internal";
import { CONDITIONS_MAX } from "./constants";
import {
  type ApprovalRow,
  conditionsOf,
  loadReviews,
  lockApproval,
  makerOf,
  requireOpen,
} from "./internal";
import { personKey, reviewRefusal } from "./policy";
import { type ApprovalDto, reviewApprovalInput } from "./schemas";
import { settleApproval } from "./settle-approval";
import { toApprovalDtos } from "./to-approval-dto";

type Values = z.output<typeof reviewApprovalInput>;

/**
 * Approves, rejects or approves on conditions; the version moves with the last word that was
 * missing, if its gates pass then. Throws not_found, conflict for a request that is no longer open,
 * forbidden for who asked, who made the version, and whom the stage does not name.
 */
export async function reviewApproval(
  ctx: Context,
  input: z.input<typeof reviewApprovalInput>,
): Promise<ApprovalDto> {
  requirePermission(ctx, "approvals:write");
  const values = reviewApprovalInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const { approval, model } = await lockApproval(tx, ctx, values.approval);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "review" });
    await lockStages(tx, ctx, "shared");
    requireOpen(approval, ctx.now());
    await requireReviewer(tx, ctx, model, approval);
    const reviewed = await insert(tx, ctx, approval, values);
    const settled = await settleApproval(tx, ctx, model, reviewed);
    const [dto] = await toApprovalDtos(tx, ctx, [settled.approval]);
    if (!dto) throw new Error("a request became nothing");
    return dto;
  });
}

/** Throws forbidden for whoever may not review this request, saying why. */
export async function requireReviewer(
  tx: Transaction,
  ctx: Context,
  model: ModelRow,
  approval: ApprovalRow,
  options: { again?: boolean } = {},
): Promise<void> {
  const version = await getVersionInWorkspace(tx, ctx, model, approval.versionId);
  const stage = requireStage(await loadStages(tx, ctx), approval.toStage);
  const reviews = options.again ? [] : await loadReviews(tx, ctx, [approval.id]);
  const refusal = reviewRefusal({
    actor: ctx.actor,
    requestedBy: approval.requestedBy,
    trainedBy: await makerOf(tx, ctx, version),
    reviewers: stage.reviewers,
    reviewed: reviews.map(({ reviewer }) => reviewer),
  });
  if (refusal) throw new AppError("forbidden", refusal);
}

async function insert(
  tx: Transaction,
  ctx: Context,
  approval: ApprovalRow,
  { decision, comment, conditions }: Values,
): Promise<ApprovalRow> {
  const { workspaceId } = ctx;
  const reviewer = personKey(ctx.actor);
  await tx.insert(approvalReviews).values({
    workspaceId,
    approvalId: approval.id,
    reviewer,
    decision,
    comment,
    createdAt: ctx.now(),
  });
  const added = conditions.map((text) => ({
    id: newId(ctx.now().getTime()),
    text,
    setBy: reviewer,
    metAt: null,
    metBy: null,
    note: "",
  }));
  const all = [...conditionsOf(approval), ...added];
  if (all.length > CONDITIONS_MAX) {
    const message = `a request gathers ${CONDITIONS_MAX} conditions at most`;
    throw invalid(`Too many conditions: ${message}.`, [{ path: "conditions", message }]);
  }
  await tx
    .update(approvals)
    .set({ conditions: all })
    .where(and(eq(approvals.workspaceId, workspaceId), eq(approvals.id, approval.id)));
  await recordAudit(tx, ctx, {
    action: "approval.reviewed",
    subjectType: "approval",
    subjectId: approval.id,
    before: { state: approval.state, conditions: approval.conditions },
    after: { versionId: approval.versionId, decision, comment, conditions: all },
  });
  return { ...approval, conditions: all };
}
