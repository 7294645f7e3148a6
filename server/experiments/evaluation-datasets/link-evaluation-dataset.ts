import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { evaluationDatasetExperiments, evaluationDatasets, experiments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { experimentIds, getDatasetInWorkspace, toDatasetDto } from "./internal";
import { datasetRef, type EvaluationDatasetDto, experimentNumbers } from "./schemas";

const linkInput = z.object({
  dataset: datasetRef,
  add: experimentNumbers.default([]),
  /** One the dataset is not used in is none to remove. */
  remove: experimentNumbers.default([]),
});

/**
 * Says in which experiments a dataset is used. Throws not_found for the dataset and for an
 * experiment to add.
 */
export async function linkEvaluationDataset(
  ctx: Context,
  input: z.input<typeof linkInput>,
): Promise<EvaluationDatasetDto> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { dataset, add, remove } = linkInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const row = await getDatasetInWorkspace(tx, ctx, dataset, { lock: true });
    const { workspaceId } = ctx;
    const added = await experimentIds(tx, ctx, add);
    if (added.length > 0) {
      await tx
        .insert(evaluationDatasetExperiments)
        .values(added.map((experimentId) => ({ workspaceId, datasetId: row.id, experimentId })))
        .onConflictDoNothing();
    }
    if (remove.length > 0) {
      const chosen = tx
        .select({ id: experiments.id })
        .from(experiments)
        .where(and(eq(experiments.workspaceId, workspaceId), inArray(experiments.number, remove)));
      await tx
        .delete(evaluationDatasetExperiments)
        .where(
          and(
            eq(evaluationDatasetExperiments.workspaceId, workspaceId),
            eq(evaluationDatasetExperiments.datasetId, row.id),
            inArray(evaluationDatasetExperiments.experimentId, chosen),
          ),
        );
    }
    const updatedAt = ctx.now();
    await tx
      .update(evaluationDatasets)
      .set({ updatedAt })
      .where(
        and(eq(evaluationDatasets.workspaceId, workspaceId), eq(evaluationDatasets.id, row.id)),
      );
    await recordAudit(tx, ctx, {
      action: "evaluation_dataset.linked",
      subjectType: "evaluation_dataset",
      subjectId: row.id,
      after: { added: add, removed: remove },
    });
    return toDatasetDto({ ...row, updatedAt });
  });
}
