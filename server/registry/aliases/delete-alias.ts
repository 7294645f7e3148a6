import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { modelAliases } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { getModelInWorkspace } from "../internal";
import { aliasRef } from "./schemas";

/** Takes an alias away; one that is not there is gone already. Throws not_found for the model. */
export async function deleteAlias(ctx: Context, input: z.input<typeof aliasRef>): Promise<void> {
  requirePermission(ctx, "models:write");
  const { model: ref, alias } = aliasRef.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, ref, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const [row] = await tx
      .delete(modelAliases)
      .where(
        and(
          eq(modelAliases.workspaceId, ctx.workspaceId),
          eq(modelAliases.modelId, model.id),
          eq(modelAliases.alias, alias),
        ),
      )
      .returning({ versionId: modelAliases.versionId });
    if (!row) return;
    await recordAudit(tx, ctx, {
      action: "alias.deleted",
      subjectType: "model",
      subjectId: model.id,
      before: { alias, versionId: row.versionId },
    });
    await emitEvent(tx, ctx, {
      name: "registry/alias.deleted",
      data: { modelId: model.id, versionId: row.versionId, alias },
    });
    await announceChange(tx, ctx, "registry", model.id);
  });
}
