import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { approvals } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { notFound } from "@/server/kernel/errors";
import type { ApprovalState } from "./constants";
import type { ApprovalRow } from "./internal";

type Changes = Partial<
  Pick<ApprovalRow, "state" | "conditions" | "gatesAtMove" | "closeReason" | "decidedAt">
>;

/** Writes the changed fields of a request and who changed them. */
export async function saveApproval(
  tx: Transaction,
  ctx: Context,
  before: ApprovalRow,
  action: string,
  changes: Changes,
): Promise<ApprovalRow> {
  const [after] = await tx
    .update(approvals)
    .set(changes)
    .where(and(eq(approvals.workspaceId, ctx.workspaceId), eq(approvals.id, before.id)))
    .returning();
  if (!after) throw notFound("The request");
  const names = Object.keys(changes) as (keyof Changes)[];
  const pick = (row: ApprovalRow) => Object.fromEntries(names.map((name) => [name, row[name]]));
  await recordAudit(tx, ctx, {
    action,
    subjectType: "approval",
    subjectId: before.id,
    before: { versionId: before.versionId, toStage: before.toStage, ...pick(before) },
    after: { versionId: before.versionId, toStage: before.toStage, ...pick(after) },
  });
  await announceChange(tx, ctx, "registry", before.modelId);
  return after;
}

/** Ends a request for good and tells whoever listens. */
export async function closeApproval(
  tx: Transaction,
  ctx: Context,
  before: ApprovalRow,
  state: Exclude<ApprovalState, "pending" | "conditional">,
  more: Pick<Changes, "closeReason" | "gatesAtMove"> = {},
): Promise<ApprovalRow> {
  const after = await saveApproval(tx, ctx, before, `approval.${state}`, {
    ...more,
    state,
    decidedAt: ctx.now(),
  });
  await emitEvent(tx, ctx, {
    name: "registry/approval.decided",
    data: {
      approvalId: after.id,
      modelId: after.modelId,
      versionId: after.versionId,
      state,
    },
  });
  return after;
}
