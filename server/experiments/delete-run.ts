import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getRunInWorkspace, refuseRunKey } from "./internal";

/** Hides a run; it can be restored. Deleting it again changes nothing. Throws not_found. */
export async function deleteRun(ctx: Context, input: { runId: string }): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  await withWorkspace(ctx, async (tx) => {
    const run = await getRunInWorkspace(tx, ctx, input.runId, { lock: true });
    if (run.deletedAt) return;
    await tx
      .update(runs)
      .set({ deletedAt: ctx.now() })
      .where(and(eq(runs.workspaceId, ctx.workspaceId), eq(runs.id, run.id)));
    await recordAudit(tx, ctx, {
      action: "run.deleted",
      subjectType: "run",
      subjectId: run.id,
      before: { name: run.name, status: run.status },
    });
    await announceChange(tx, ctx, "experiments", run.id);
  });
}
