import { and, eq, isNull } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { experiments, runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getExperimentInWorkspace, refuseRunKey } from "./internal";
import { experimentRef } from "./schemas";

/** Hides an experiment and its runs; the name stays taken. Throws conflict when it is deleted already. */
export async function deleteExperiment(ctx: Context, input: { experiment: string }): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const ref = experimentRef.parse(input.experiment);
  await withWorkspace(ctx, async (tx) => {
    const row = await getExperimentInWorkspace(tx, ctx, ref, { lock: true, active: true });
    // Runs get the very instant of the experiment, so that a restore finds exactly these again.
    const deletedAt = ctx.now();
    await tx
      .update(experiments)
      .set({ deletedAt, updatedAt: deletedAt })
      .where(and(eq(experiments.workspaceId, ctx.workspaceId), eq(experiments.id, row.id)));
    const hidden = await tx
      .update(runs)
      .set({ deletedAt })
      .where(
        and(
          eq(runs.workspaceId, ctx.workspaceId),
          eq(runs.experimentId, row.id),
          isNull(runs.deletedAt),
        ),
      )
      .returning({ id: runs.id });
    await recordAudit(tx, ctx, {
      action: "experiment.deleted",
      subjectType: "experiment",
      subjectId: row.id,
      before: { name: row.name, number: row.number },
      after: { runs: hidden.length },
    });
    await announceChange(tx, ctx, "experiments", row.id);
  });
}
