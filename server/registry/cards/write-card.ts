import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { models } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { loadNames } from "../approvals/person-names";
import { getModelInWorkspace } from "../internal";
import { newestRevision, saveCard } from "./save-card";
import { type CardRevision, writeCardInput } from "./schemas";

/**
 * Gives a model's card a new text; the ones before stay readable. Throws not_found, conflict when
 * somebody else wrote since `baseRevision`.
 */
export async function writeCard(
  ctx: Context,
  input: z.input<typeof writeCardInput>,
): Promise<CardRevision> {
  requirePermission(ctx, "models:write");
  const { model: idOrName, content, baseRevision } = writeCardInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const model = await getModelInWorkspace(tx, ctx, idOrName, true);
    await requireGrant(tx, ctx, { on: { modelId: model.id }, action: "write" });
    const newest = await newestRevision(tx, ctx, model.id);
    if (baseRevision !== undefined && baseRevision !== newest) {
      const message = `The card is at revision ${newest}: somebody wrote it meanwhile.`;
      throw new AppError("conflict", message, { revision: newest });
    }
    const row = await saveCard(tx, ctx, model.id, content);
    await tx
      .update(models)
      .set({ card: content, updatedAt: ctx.now() })
      .where(and(eq(models.workspaceId, ctx.workspaceId), eq(models.id, model.id)));
    await recordAudit(tx, ctx, {
      action: "model.card_written",
      subjectType: "model",
      subjectId: model.id,
      before: { revision: newest },
      after: { revision: row.revision, characters: content.length },
    });
    await announceChange(tx, ctx, "registry", model.id);
    const naming = await loadNames(tx, ctx, [row.writtenBy]);
    return {
      revision: row.revision,
      content,
      writtenBy: naming(row.writtenBy),
      createdAt: row.createdAt.toISOString(),
    };
  });
}
