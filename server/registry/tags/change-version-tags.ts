import { and, eq } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { modelVersionTags } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { getModelInWorkspace, getVersionInWorkspace } from "../internal";

interface Change {
  model: string;
  version: string;
  key: string;
  /** null takes the tag away. */
  value: string | null;
}

/**
 * Sets one tag of a version, or takes it away; what changes nothing leaves no trace. Throws
 * not_found.
 */
export async function changeVersionTag(ctx: Context, change: Change): Promise<void> {
  requirePermission(ctx, "models:write");
  const { key, value } = change;
  await withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, change.model, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const version = await getVersionInWorkspace(tx, ctx, model, change.version);
    const before = await write(tx, ctx, version.id, change);
    if (before === value) return;
    const done = value === null ? "deleted" : "set";
    await recordAudit(tx, ctx, {
      action: `version.tag_${done}`,
      subjectType: "version",
      subjectId: version.id,
      before: before === null ? null : { key, value: before },
      after: value === null ? null : { key, value },
    });
    await emitEvent(tx, ctx, {
      name: `registry/version.tag_${done}`,
      data: { modelId: model.id, versionId: version.id, key },
    });
    await announceChange(tx, ctx, "registry", model.id);
  });
}

/** Answers the value before, null when there was none. */
async function write(
  tx: Transaction,
  ctx: Context,
  versionId: string,
  { key, value }: Change,
): Promise<string | null> {
  const own = and(
    eq(modelVersionTags.workspaceId, ctx.workspaceId),
    eq(modelVersionTags.versionId, versionId),
    eq(modelVersionTags.key, key),
  );
  const [row] = await tx.select().from(modelVersionTags).where(own);
  const before = row?.value ?? null;
  if (before === value) return before;
  if (value === null) await tx.delete(modelVersionTags).where(own);
  else {
    await tx
      .insert(modelVersionTags)
      .values({
        workspaceId: ctx.workspaceId,
        versionId,
        key,
        value,
        updatedAt: ctx.now(),
      })
      .onConflictDoUpdate({
        target: [modelVersionTags.workspaceId, modelVersionTags.versionId, modelVersionTags.key],
        set: { value, updatedAt: ctx.now() },
      });
  }
  return before;
}
