import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { models } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { invalid } from "@/server/kernel/errors";
import { getModelInWorkspace } from "../internal";

const TAGS_MAX = 1_000;

/**
 * Sets one tag of a model, or takes it away where `value` is null; what changes nothing leaves no
 * trace. The model's own time of change stays. Throws not_found.
 */
export async function changeModelTag(
  ctx: Context,
  change: { model: string; key: string; value: string | null },
): Promise<void> {
  requirePermission(ctx, "models:write");
  const { key, value } = change;
  await withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, change.model, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const tags = new Map(Object.entries(model.tags as Record<string, string>));
    const before = tags.get(key) ?? null;
    if (before === value) return;
    if (value === null) tags.delete(key);
    else tags.set(key, value);
    if (tags.size > TAGS_MAX) throw invalid(`A model has ${TAGS_MAX} tags at most.`);
    await tx
      .update(models)
      .set({ tags: Object.fromEntries(tags) })
      .where(and(eq(models.workspaceId, ctx.workspaceId), eq(models.id, model.id)));
    const done = value === null ? "deleted" : "set";
    await recordAudit(tx, ctx, {
      action: `model.tag_${done}`,
      subjectType: "model",
      subjectId: model.id,
      before: before === null ? null : { key, value: before },
      after: value === null ? null : { key, value },
    });
    await emitEvent(tx, ctx, {
      name: `registry/model.tag_${done}`,
      data: { modelId: model.id, key },
    });
    await announceChange(tx, ctx, "registry", model.id);
  });
}
