import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { experiments, runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { deletedExperiment, getRunInWorkspace, refuseRunKey } from "./internal";

/**
 * Brings back a deleted run; an active one stays as it is. Throws not_found, conflict while its
 * experiment is deleted.
 */
export async function restoreRun(ctx: Context, input: { runId: string }): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  await withWorkspace(ctx, async (tx) => {
    const run = await getRunInWorkspace(tx, ctx, input.runId, { lock: true });
    if (!run.deletedAt) return;
    const [experiment] = await tx
      .select()
      .from(experiments)
      .where(
        and(eq(experiments.workspaceId, ctx.workspaceId), eq(experiments.id, run.experimentId)),
      );
    if (experiment?.deletedAt) throw deletedExperiment(experiment);
    await tx
      .update(runs)
      .set({ deletedAt: null })
      .where(and(eq(runs.workspaceId, ctx.workspaceId), eq(runs.id, run.id)));
    await recordAudit(tx, ctx, {
      action: "run.restored",
      subjectType: "run",
      subjectId: run.id,
      after: { name: run.name, status: run.status },
    });
    await announceChange(tx, ctx, "experiments", run.id);
  });
}
