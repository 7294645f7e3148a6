import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { models } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { getModelInWorkspace, requireFreeName } from "./internal";
import { freeModelName, modelRef } from "./schemas";

const input = z.strictObject({ ...modelRef.shape, name: freeModelName });

/**
 * Gives a model a name under MLflow's freer rules. Throws not_found, conflict when another model has
 * exactly this name.
 */
export async function renameRegisteredModel(
  ctx: Context,
  values: z.input<typeof input>,
): Promise<{ id: string }> {
  requirePermission(ctx, "models:write");
  const { model: ref, name } = input.parse(values);
  return withWorkspace(ctx, async (tx) => {
    const before = await getModelInWorkspace(tx, ctx, ref, true);
    await requireGrant(tx, ctx, { on: { modelId: before.id }, action: "write" });
    await requireFreeName(tx, ctx, name, { exceptId: before.id, matches: eq(models.name, name) });
    await tx
      .update(models)
      .set({ name, updatedAt: ctx.now() })
      .where(and(eq(models.workspaceId, ctx.workspaceId), eq(models.id, before.id)));
    await recordAudit(tx, ctx, {
      action: "model.updated",
      subjectType: "model",
      subjectId: before.id,
      before: { name: before.name },
      after: { name },
    });
    await emitEvent(tx, ctx, { name: "registry/model.updated", data: { modelId: before.id } });
    await announceChange(tx, ctx, "registry", before.id);
    return { id: before.id };
  });
}
