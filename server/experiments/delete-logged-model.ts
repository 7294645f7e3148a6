import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { loggedModels } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "./internal";
import { getLoggedModelInWorkspace } from "./logged-model-internal";

/** Hides a logged model; its files are reached no more. Throws not_found. */
export async function deleteLoggedModel(ctx: Context, input: { modelId: string }): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  await withWorkspace(ctx, async (tx) => {
    const row = await getLoggedModelInWorkspace(tx, ctx, input.modelId, { lock: true });
    await tx
      .update(loggedModels)
      .set({ deletedAt: ctx.now() })
      .where(and(eq(loggedModels.workspaceId, ctx.workspaceId), eq(loggedModels.id, row.id)));
    await recordAudit(tx, ctx, {
      action: "logged_model.deleted",
      subjectType: "logged_model",
      subjectId: row.id,
      before: { name: row.name },
    });
    await announceChange(tx, ctx, "experiments", row.sourceRunId ?? row.experimentId);
  });
}
