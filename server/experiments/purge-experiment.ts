import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { experiments, loggedModels, runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { type ExperimentRow, getExperimentInWorkspace, refuseRunKey } from "./internal";
import { experimentRef, type purgedExperiment } from "./schemas";
import { isStillUsed } from "./still-used";

/**
 * Deletes a deleted experiment for good, with its runs, logged models, traces and artifacts, and frees
 * its name; bytes nothing else stands for are collected later. Throws not_found, conflict for an
 * active one and while a model version or a training job came from one of its runs.
 */
export async function purgeExperiment(
  ctx: Context,
  input: { experiment: string },
): Promise<z.output<typeof purgedExperiment>> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const ref = experimentRef.parse(input.experiment);
  return withWorkspace(ctx, async (tx) => {
    const row = await getExperimentInWorkspace(tx, ctx, ref, { lock: true });
    if (!row.deletedAt) {
      throw new AppError(
        "conflict",
        `Delete the experiment ${row.name} first: only a deleted one can be deleted for good.`,
      );
    }
    const runCount = await deleteRows(tx, row);
    await recordAudit(tx, ctx, {
      action: "experiment.purged",
      subjectType: "experiment",
      subjectId: row.id,
      before: { name: row.name, number: row.number, runs: runCount },
    });
    await announceChange(tx, ctx, "experiments", row.id);
    return { id: row.id, runs: runCount };
  });
}

/** Answers how many runs went; what hangs on them goes by foreign keys. */
async function deleteRows(tx: Transaction, row: ExperimentRow): Promise<number> {
  const { workspaceId, id } = row;
  try {
    // Before the runs they came from.
    await tx
      .delete(loggedModels)
      .where(and(eq(loggedModels.workspaceId, workspaceId), eq(loggedModels.experimentId, id)));
    const gone = await tx
      .delete(runs)
      .where(and(eq(runs.workspaceId, workspaceId), eq(runs.experimentId, id)));
    await tx
      .delete(experiments)
      .where(and(eq(experiments.workspaceId, workspaceId), eq(experiments.id, id)));
    return gone.rowCount ?? 0;
  } catch (error) {
    if (!isStillUsed(error)) throw error;
    throw new AppError(
      "conflict",
      "A model version, a training job or a logged model of another experiment came from one of its runs, so it stays as their lineage. Nothing was deleted.",
    );
  }
}
