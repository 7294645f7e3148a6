import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { evaluationDatasets } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { getDatasetInWorkspace } from "./internal";
import { datasetRef } from "./schemas";

const deleteInput = z.object({ dataset: datasetRef });

/** Deletes a dataset and its records for good. Throws not_found. */
export async function deleteEvaluationDataset(
  ctx: Context,
  input: z.input<typeof deleteInput>,
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { dataset } = deleteInput.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const row = await getDatasetInWorkspace(tx, ctx, dataset, { lock: true });
    await tx
      .delete(evaluationDatasets)
      .where(
        and(eq(evaluationDatasets.workspaceId, ctx.workspaceId), eq(evaluationDatasets.id, row.id)),
      );
    await recordAudit(tx, ctx, {
      action: "evaluation_dataset.deleted",
      subjectType: "evaluation_dataset",
      subjectId: row.id,
      before: { name: row.name, records: row.recordCount },
    });
  });
}
