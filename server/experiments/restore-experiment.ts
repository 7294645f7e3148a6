import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { experiments, runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getExperimentInWorkspace, refuseRunKey } from "./internal";
import { experimentRef } from "./schemas";

/** Brings back a deleted experiment and the runs that went with it. Throws conflict when it is active. */
export async function restoreExperiment(
  ctx: Context,
  input: { experiment: string },
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const ref = experimentRef.parse(input.experiment);
  await withWorkspace(ctx, async (tx) => {
    const row = await getExperimentInWorkspace(tx, ctx, ref, { lock: true });
    if (!row.deletedAt) {
      throw new AppError(
        "conflict",
        `The experiment ${row.number} must be in the 'deleted' state. Current state is active.`,
      );
    }
    await tx
      .update(experiments)
      .set({ deletedAt: null, updatedAt: ctx.now() })
      .where(and(eq(experiments.workspaceId, ctx.workspaceId), eq(experiments.id, row.id)));
    const restored = await tx
      .update(runs)
      .set({ deletedAt: null })
      .where(
        and(
          eq(runs.workspaceId, ctx.workspaceId),
          eq(runs.experimentId, row.id),
          eq(runs.deletedAt, row.deletedAt),
        ),
      )
      .returning({ id: runs.id });
    await recordAudit(tx, ctx, {
      action: "experiment.restored",
      subjectType: "experiment",
      subjectId: row.id,
      after: { name: row.name, runs: restored.length },
    });
    await announceChange(tx, ctx, "experiments", row.id);
  });
}
