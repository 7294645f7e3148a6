import { and, asc, eq, inArray, lte, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { approvalReviews, approvals, auditLog } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import { getModelInWorkspace, type ModelRow, type VersionRow } from "../internal";
import { type ApprovalState, isOpen, OPEN_STATES } from "./constants";
import { personKey } from "./policy";

export type ApprovalRow = typeof approvals.$inferSelect;
export type ReviewRow = typeof approvalReviews.$inferSelect;

/** A condition as a request keeps it. */
export interface Condition {
  id: string;
  text: string;
  setBy: string;
  metAt: string | null;
  metBy: string | null;
  note: string;
}

type Tenant = Pick<Context, "workspaceId">;

/** Loads a request. Throws not_found. */
export async function getApprovalInWorkspace(
  tx: Transaction,
  ctx: Tenant,
  id: string,
): Promise<ApprovalRow> {
  const [row] = await tx
    .select()
    .from(approvals)
    .where(and(eq(approvals.workspaceId, ctx.workspaceId), eq(approvals.id, id)));
  if (!row) throw notFound("The request");
  return row;
}

/**
 * The request with its model locked: whoever decides next waits and then sees what was decided.
 * Throws not_found, also when the model was deleted.
 */
export async function lockApproval(
  tx: Transaction,
  ctx: Tenant,
  id: string,
): Promise<{ approval: ApprovalRow; model: ModelRow }> {
  const { modelId } = await getApprovalInWorkspace(tx, ctx, id);
  const model = await getModelInWorkspace(tx, ctx, modelId, true);
  return { approval: await getApprovalInWorkspace(tx, ctx, id), model };
}

/** An open request past its time counts as expired, whether that was written down yet or not. */
export const stateOf = (row: ApprovalRow, now: Date): ApprovalState =>
  isOpen(row.state) && row.expiresAt <= now ? "expired" : (row.state as ApprovalState);

/** Throws conflict, saying how it ended, for a request that is no longer open. */
export function requireOpen(row: ApprovalRow, now: Date): void {
  const state = stateOf(row, now);
  if (isOpen(state)) return;
  throw new AppError("conflict", `The request is ${state} already.`, { state });
}

export const conditionsOf = (row: ApprovalRow): Condition[] => row.conditions as Condition[];

/** What people said about requests, in the order they said it. */
export async function loadReviews(
  tx: Transaction,
  ctx: Tenant,
  ids: readonly string[],
): Promise<ReviewRow[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(approvalReviews)
    .where(
      and(
        eq(approvalReviews.workspaceId, ctx.workspaceId),
        inArray(approvalReviews.approvalId, [...ids]),
      ),
    )
    .orderBy(asc(approvalReviews.createdAt), asc(approvalReviews.reviewer));
}

/** Open requests of versions; those past their time as well when `staleAt` is given, and only those. */
export const openRequests = (
  tx: Transaction,
  ctx: Tenant,
  versionId: string,
  staleAt?: Date,
): Promise<ApprovalRow[]> =>
  tx
    .select()
    .from(approvals)
    .where(
      and(
        eq(approvals.workspaceId, ctx.workspaceId),
        eq(approvals.versionId, versionId),
        inArray(approvals.state, [...OPEN_STATES]),
        staleAt ? lte(approvals.expiresAt, staleAt) : undefined,
      ),
    );

/** Open requests of all versions of a model. */
export const openRequestsOfModel = (
  tx: Transaction,
  ctx: Tenant,
  modelId: string,
): Promise<ApprovalRow[]> =>
  tx
    .select()
    .from(approvals)
    .where(
      and(
        eq(approvals.workspaceId, ctx.workspaceId),
        eq(approvals.modelId, modelId),
        inArray(approvals.state, [...OPEN_STATES]),
      ),
    );

/**
 * Who made a version, as the audit trail knows it: whoever asked for its training, else whoever
 * registered it. null when that was no person and no key.
 */
export async function makerOf(
  tx: Transaction,
  ctx: Tenant,
  version: Pick<VersionRow, "id" | "trainingJobId">,
): Promise<string | null> {
  const rows = await tx
    .select({ actor: auditLog.actor })
    .from(auditLog)
    .where(
      and(
        eq(auditLog.workspaceId, ctx.workspaceId),
        sql`(${auditLog.subjectType}, ${auditLog.subjectId}) in (('training_job', ${version.trainingJobId}::text), ('version', ${version.id}::text))`,
        inArray(auditLog.action, ["training_job.created", "version.registered"]),
      ),
    )
    .orderBy(asc(auditLog.seq));
  const people = rows.map(({ actor }) => personKey(actor as Context["actor"]));
  return people.find((one) => one !== "job") ?? null;
}
