import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { modelAliases } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { getModelInWorkspace, getVersionInWorkspace } from "../internal";
import { type AliasDto, setAliasInput } from "./schemas";

/**
 * Points an alias at a version; one that was elsewhere moves, one that is there already stays as it
 * is. Throws not_found for the model or the version.
 */
export async function setAlias(
  ctx: Context,
  input: z.input<typeof setAliasInput>,
): Promise<AliasDto> {
  requirePermission(ctx, "models:write");
  const { model: ref, alias, version: which } = setAliasInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const version = await getVersionInWorkspace(tx, ctx, model, which);
    const { workspaceId } = ctx;
    const [before] = await tx
      .select()
      .from(modelAliases)
      .where(
        and(
          eq(modelAliases.workspaceId, workspaceId),
          eq(modelAliases.modelId, model.id),
          eq(modelAliases.alias, alias),
        ),
      );
    const updatedAt = before?.versionId === version.id ? before.updatedAt : ctx.now();
    const dto = {
      alias,
      versionId: version.id,
      versionNumber: version.number,
      updatedAt: updatedAt.toISOString(),
    };
    if (before?.versionId === version.id) return dto;
    const row = { workspaceId, modelId: model.id, alias, versionId: version.id, updatedAt };
    await tx
      .insert(modelAliases)
      .values({ ...row, createdAt: updatedAt })
      .onConflictDoUpdate({
        target: [modelAliases.workspaceId, modelAliases.modelId, modelAliases.alias],
        set: { versionId: version.id, updatedAt },
      });
    await recordAudit(tx, ctx, {
      action: "alias.set",
      subjectType: "model",
      subjectId: model.id,
      before: before ? { alias, versionId: before.versionId } : null,
      after: { alias, versionId: version.id, versionNumber: version.number },
    });
    await emitEvent(tx, ctx, {
      name: "registry/alias.set",
      data: { modelId: model.id, versionId: version.id, alias },
    });
    await announceChange(tx, ctx, "registry", model.id);
    return dto;
  });
}
