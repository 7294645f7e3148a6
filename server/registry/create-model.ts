import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { models } from "@/db/schema";
import { requireModelQuota, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { actorName } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { requireFreeName, toModelDto } from "./internal";
import { createModelInput, type ModelDto } from "./schemas";

/** Registers a name. Throws conflict when a model of that name (any case) exists. */
export async function createModel(
  ctx: Context,
  input: z.input<typeof createModelInput>,
): Promise<ModelDto> {
  requirePermission(ctx, "models:write");
  const values = createModelInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    await requireModelQuota(tx, ctx);
    await requireFreeName(tx, ctx, values.name);
    const [row] = await tx
      .insert(models)
      .values({
        ...values,
        workspaceId: ctx.workspaceId,
        id: newId(ctx.now().getTime()),
        createdBy: actorName(ctx.actor),
        createdAt: ctx.now(),
        updatedAt: ctx.now(),
      })
      .onConflictDoNothing()
      .returning();
    if (!row) throw new AppError("conflict", `A model named ${values.name} exists already.`);
    const model = toModelDto(row, { latestVersion: null, versionCount: 0 });
    await recordAudit(tx, ctx, {
      action: "model.created",
      subjectType: "model",
      subjectId: model.id,
      after: model,
    });
    await emitEvent(tx, ctx, { name: "registry/model.created", data: { modelId: model.id } });
    await announceChange(tx, ctx, "registry", model.id);
    return model;
  });
}
