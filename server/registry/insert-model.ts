import type { Transaction } from "@/db/client";
import { models } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { actorName } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { toModelDto } from "./internal";
import type { ModelDto } from "./schemas";

type Values = Pick<typeof models.$inferInsert, "name" | "type" | "framework"> &
  Partial<typeof models.$inferInsert>;

/** Writes a model whose name is free, with its audit row and event. */
export async function insertModel(
  tx: Transaction,
  ctx: Context,
  values: Values,
): Promise<ModelDto> {
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
}
