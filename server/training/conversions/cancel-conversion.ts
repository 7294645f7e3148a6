import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getModelInWorkspace, getVersionInWorkspace } from "@/server/registry";
import { isOpen, lockConversion, setConversion, toConversionDto } from "./internal";
import { type ConversionDto, conversionRef } from "./schemas";

/**
 * Ends the open conversion of a version, and with it the roll-outs that wait for it. Throws
 * not_found, conflict when none is under way.
 */
export async function cancelConversion(
  ctx: Context,
  input: z.input<typeof conversionRef>,
): Promise<ConversionDto> {
  requirePermission(ctx, "deployments:write");
  const { model, version } = conversionRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const parent = await getModelInWorkspace(tx, ctx, model);
    await requireGrant(tx, ctx, { on: { modelId: parent.id }, action: "deploy" });
    const { id } = await getVersionInWorkspace(tx, ctx, parent, version);
    const row = await lockConversion(tx, ctx, id);
    if (!isOpen(row)) throw new AppError("conflict", "No conversion of this version is under way.");
    const ended = await setConversion(tx, ctx, row.id, {
      status: "canceled",
      finishedAt: ctx.now(),
    });
    await recordAudit(tx, ctx, {
      action: "conversion.canceled",
      subjectType: "version",
      subjectId: id,
      after: { conversionId: row.id },
    });
    await announceChange(tx, ctx, "training", row.id);
    return toConversionDto(ended);
  });
}
