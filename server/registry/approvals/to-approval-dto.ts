import { and, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { models, modelVersions } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { GateReport } from "../gates/schemas";
import { loadStages } from "../stages/internal";
import type { Stage } from "../stages/schemas";
import type { ReviewDecision } from "./constants";
import { type ApprovalRow, conditionsOf, loadReviews, type ReviewRow, stateOf } from "./internal";
import { loadNames, type Naming } from "./person-names";
import type { ApprovalDto } from "./schemas";

/** Requests with their reviews, names and what their stages ask for, read a kind at a time. */
export async function toApprovalDtos(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  rows: readonly ApprovalRow[],
): Promise<ApprovalDto[]> {
  if (rows.length === 0) return [];
  const reviews = await loadReviews(
    tx,
    ctx,
    rows.map(({ id }) => id),
  );
  const stages = await loadStages(tx, ctx);
  const versions = await namesOfVersions(tx, ctx, rows);
  const naming = await loadNames(tx, ctx, [
    ...rows.flatMap((row) => [
      row.requestedBy,
      ...conditionsOf(row).flatMap(({ setBy, metBy }) => [setBy, metBy ?? "job"]),
    ]),
    ...reviews.map(({ reviewer }) => reviewer),
    ...stages.flatMap((stage) => stage.reviewers.people.map((id) => `user:${id}`)),
  ]);
  return rows.map((row) => ({
    ...plainParts(row, ctx.now()),
    modelName: versions.get(row.versionId)?.modelName ?? "",
    versionNumber: versions.get(row.versionId)?.number ?? 0,
    requestedBy: naming(row.requestedBy),
    required: requiredOf(
      stages.find(({ key }) => key === row.toStage),
      naming,
    ),
    reviews: reviews.filter((one) => one.approvalId === row.id).map((one) => toReview(one, naming)),
    conditions: conditionsOf(row).map((one) => ({
      ...one,
      setBy: naming(one.setBy),
      metBy: one.metBy === null ? null : naming(one.metBy),
    })),
  }));
}

const plainParts = (row: ApprovalRow, now: Date) => ({
  id: row.id,
  modelId: row.modelId,
  versionId: row.versionId,
  fromStage: row.fromStage,
  toStage: row.toStage,
  state: stateOf(row, now),
  comment: row.comment,
  gates: {
    atRequest: row.gatesAtRequest as GateReport,
    atMove: row.gatesAtMove as GateReport | null,
  },
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  decidedAt: row.decidedAt?.toISOString() ?? null,
  closeReason: row.closeReason,
});

const toReview = (row: ReviewRow, naming: Naming) => ({
  reviewer: naming(row.reviewer),
  decision: row.decision as ReviewDecision,
  comment: row.comment,
  at: row.createdAt.toISOString(),
});

const requiredOf = (stage: Stage | undefined, naming: Naming): ApprovalDto["required"] => ({
  count: stage?.needsApproval ? stage.reviewers.count : 0,
  roles: stage?.needsApproval ? stage.reviewers.roles : [],
  people: stage?.needsApproval ? stage.reviewers.people.map((id) => naming(`user:${id}`)) : [],
});

async function namesOfVersions(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  rows: readonly ApprovalRow[],
) {
  const found = await tx
    .select({ id: modelVersions.id, number: modelVersions.number, modelName: models.name })
    .from(modelVersions)
    .innerJoin(
      models,
      and(eq(models.workspaceId, modelVersions.workspaceId), eq(models.id, modelVersions.modelId)),
    )
    .where(
      and(
        eq(modelVersions.workspaceId, ctx.workspaceId),
        inArray(
          modelVersions.id,
          rows.map(({ versionId }) => versionId),
        ),
      ),
    );
  return new Map(found.map((one) => [one.id, one]));
}
