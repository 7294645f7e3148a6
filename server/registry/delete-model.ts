import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { models } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { closeApproval } from "./approvals/close-approval";
import { openRequestsOfModel } from "./approvals/internal";
import { countVersions, getModelInWorkspace, type ModelRow, toModelDto } from "./internal";
import { modelRef } from "./schemas";

/** Throws conflict, saying what uses the model, to keep it. */
export type ModelDeletionGuard = (tx: Transaction, ctx: Context, model: ModelRow) => Promise<void>;

/** Slices to the right, which this one may not import, add what they know of a model's use. */
export const modelDeletionGuards: ModelDeletionGuard[] = [];

/**
 * Takes a model out of sight and frees its name; versions and artifacts stay for the records.
 * Throws not_found, conflict while it is deployed.
 */
export async function deleteModel(ctx: Context, input: z.input<typeof modelRef>): Promise<void> {
  requirePermission(ctx, "models:write");
  const { model } = modelRef.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const row = await getModelInWorkspace(tx, ctx, model, true);
    await requireGrant(tx, ctx, { on: { modelId: row.id }, action: "write" });
    for (const guard of modelDeletionGuards) await guard(tx, ctx, row);
    await tx
      .update(models)
      .set({ deletedAt: ctx.now() })
      .where(and(eq(models.workspaceId, ctx.workspaceId), eq(models.id, row.id)));
    for (const open of await openRequestsOfModel(tx, ctx, row.id)) {
      const closeReason = "The model was deleted.";
      await closeApproval(tx, ctx, open, "expired", { closeReason });
    }
    await recordAudit(tx, ctx, {
      action: "model.deleted",
      subjectType: "model",
      subjectId: row.id,
      before: toModelDto(row, await countVersions(tx, ctx, row.id)),
    });
    await emitEvent(tx, ctx, { name: "registry/model.deleted", data: { modelId: row.id } });
    await announceChange(tx, ctx, "registry", row.id);
  });
}
