import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { evaluationDatasets, evaluationRecords } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { getDatasetInWorkspace, uuidOf } from "./internal";
import { datasetRef, RECORDS_MAX } from "./schemas";

const deleteInput = z.object({
  dataset: datasetRef,
  records: z.array(z.string().max(100)).max(RECORDS_MAX),
});

/** Deletes records by their ids, of which some may be gone; answers how many. Throws not_found for the dataset. */
export async function deleteEvaluationRecords(
  ctx: Context,
  input: z.input<typeof deleteInput>,
): Promise<number> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { dataset, records } = deleteInput.parse(input);
  const ids = records.flatMap((text) => uuidOf(text, "dr-") ?? []);
  return withWorkspace(ctx, async (tx) => {
    const row = await getDatasetInWorkspace(tx, ctx, dataset, { lock: true });
    if (ids.length === 0) return 0;
    const gone = await tx
      .delete(evaluationRecords)
      .where(
        and(
          eq(evaluationRecords.workspaceId, ctx.workspaceId),
          eq(evaluationRecords.datasetId, row.id),
          inArray(evaluationRecords.id, ids),
        ),
      )
      .returning({ id: evaluationRecords.id });
    await tx
      .update(evaluationDatasets)
      .set({ recordCount: row.recordCount - gone.length })
      .where(
        and(eq(evaluationDatasets.workspaceId, ctx.workspaceId), eq(evaluationDatasets.id, row.id)),
      );
    await recordAudit(tx, ctx, {
      action: "evaluation_dataset.records_deleted",
      subjectType: "evaluation_dataset",
      subjectId: row.id,
      before: { records: gone.length },
    });
    return gone.length;
  });
}
