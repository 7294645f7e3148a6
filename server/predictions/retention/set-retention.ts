import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { predictionRetention } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { workspaceRetention } from "./internal";
import { type RetentionDto, setRetentionInput } from "./schemas";

/** Says how long the workspace keeps its prediction log and results of batch jobs. What is over by then goes within hours. */
export async function setPredictionRetention(
  ctx: Context,
  input: z.input<typeof setRetentionInput>,
): Promise<RetentionDto> {
  requirePermission(ctx, "workspace:write");
  const wanted = setRetentionInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const before = await workspaceRetention(tx, ctx);
    const after = { ...wanted, resultDays: wanted.resultDays ?? before.resultDays };
    const values = { ...after, updatedAt: ctx.now() };
    await tx
      .insert(predictionRetention)
      .values({ ...values, workspaceId: ctx.workspaceId })
      .onConflictDoUpdate({ target: predictionRetention.workspaceId, set: values });
    await recordAudit(tx, ctx, {
      action: "workspace.prediction_retention_changed",
      subjectType: "workspace",
      subjectId: ctx.workspaceId,
      before,
      after,
    });
    await announceChange(tx, ctx, "predictions", ctx.workspaceId);
    return after;
  });
}
