import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { models } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { saveCard } from "./cards/save-card";
import { countVersions, getModelInWorkspace, requireFreeName, toModelDto } from "./internal";
import { type ModelDto, modelRef, updateModelInput } from "./schemas";

const input = z.strictObject({ ...modelRef.shape, ...updateModelInput.shape });

/** Changes the fields that are given. Throws not_found, conflict for a name that is taken. */
export async function updateModel(ctx: Context, values: z.input<typeof input>): Promise<ModelDto> {
  requirePermission(ctx, "models:write");
  const { model: idOrName, ...changes } = input.parse(values);
  return withWorkspace(ctx, async (tx) => {
    const before = await getModelInWorkspace(tx, ctx, idOrName, true);
    await requireGrant(tx, ctx, { on: { modelId: before.id }, action: "write" });
    if (changes.name !== undefined)
      await requireFreeName(tx, ctx, changes.name, { exceptId: before.id });
    const [row = before] = await tx
      .update(models)
      .set({ ...changes, updatedAt: ctx.now() })
      .where(and(eq(models.workspaceId, ctx.workspaceId), eq(models.id, before.id)))
      .returning();
    if (row.card !== before.card) await saveCard(tx, ctx, row.id, row.card);
    const counts = await countVersions(tx, ctx, row.id);
    const after = toModelDto(row, counts);
    await recordAudit(tx, ctx, {
      action: "model.updated",
      subjectType: "model",
      subjectId: row.id,
      before: toModelDto(before, counts),
      after,
    });
    await emitEvent(tx, ctx, { name: "registry/model.updated", data: { modelId: row.id } });
    await announceChange(tx, ctx, "registry", row.id);
    return after;
  });
}
