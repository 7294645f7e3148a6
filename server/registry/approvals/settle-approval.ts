import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { reportGates } from "../gates/report-gates";
import { getVersionInWorkspace, type ModelRow, type VersionRow } from "../internal";
import { loadStages, requireStage } from "../stages/internal";
import { closeApproval, saveApproval } from "./close-approval";
import type { ReviewDecision } from "./constants";
import { type ApprovalRow, conditionsOf, loadReviews } from "./internal";
import { moveVersion } from "./move-version";
import { standing } from "./policy";

/**
 * Brings a request to where people's words and the gates put it now, by the stage's rules of today:
 * the version moves when enough people approved, every condition is met and every gate passes at
 * this moment. The caller holds the locks of the model and of the stages.
 */
export async function settleApproval(
  tx: Transaction,
  ctx: Context,
  model: ModelRow,
  approval: ApprovalRow,
): Promise<{ approval: ApprovalRow; version: VersionRow }> {
  const version = await getVersionInWorkspace(tx, ctx, model, approval.versionId);
  if (version.stage !== approval.fromStage) {
    const closeReason = `The version moved to ${version.stage} meanwhile.`;
    return {
      version,
      approval: await closeApproval(tx, ctx, approval, "expired", { closeReason }),
    };
  }
  const stages = await loadStages(tx, ctx);
  const to = requireStage(stages, approval.toStage);
  const reviews = await loadReviews(tx, ctx, [approval.id]);
  const state = standing({
    needsApproval: to.needsApproval,
    requiredCount: to.reviewers.count,
    decisions: reviews.map(({ decision }) => decision as ReviewDecision),
    conditions: conditionsOf(approval),
  });
  if (state === "rejected") {
    return { version, approval: await closeApproval(tx, ctx, approval, "rejected") };
  }
  if (state !== "ready") return { version, approval: await keepOpen(tx, ctx, approval, { state }) };
  const gatesAtMove = await reportGates(tx, ctx, version, to.gates);
  if (!gatesAtMove.outcomes.every(({ passed }) => passed)) {
    const state = "pending" as const;
    return { version, approval: await keepOpen(tx, ctx, approval, { state, gatesAtMove }) };
  }
  const { archivePrevious, id: approvalId } = approval;
  const moved = await moveVersion(tx, ctx, { version, to, stages, archivePrevious, approvalId });
  const closed = await closeApproval(tx, ctx, approval, "approved", { gatesAtMove });
  return { version: moved, approval: closed };
}

async function keepOpen(
  tx: Transaction,
  ctx: Context,
  approval: ApprovalRow,
  changes: { state: string; gatesAtMove?: unknown },
): Promise<ApprovalRow> {
  if (changes.state === approval.state && !changes.gatesAtMove) return approval;
  return saveApproval(tx, ctx, approval, "approval.checked", changes);
}
