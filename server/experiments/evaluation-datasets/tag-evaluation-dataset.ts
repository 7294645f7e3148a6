import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { evaluationDatasets } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { getDatasetInWorkspace } from "./internal";
import { datasetRef, datasetTags } from "./schemas";

const tagInput = z.object({
  dataset: datasetRef,
  /** Joined with those that are there. */
  set: datasetTags.default({}),
  /** Keys to take away; one that is not there is none to take. */
  remove: z.array(z.string()).max(1000).default([]),
});

/** Sets and takes away tags of a dataset. Throws not_found for the dataset. */
export async function tagEvaluationDataset(
  ctx: Context,
  input: z.input<typeof tagInput>,
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { dataset, set, remove } = tagInput.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const row = await getDatasetInWorkspace(tx, ctx, dataset, { lock: true });
    const before = row.tags as Record<string, string>;
    const kept = Object.entries(before).filter(([key]) => !remove.includes(key));
    const tags = datasetTags.parse({ ...Object.fromEntries(kept), ...set });
    await tx
      .update(evaluationDatasets)
      .set({ tags })
      .where(
        and(eq(evaluationDatasets.workspaceId, ctx.workspaceId), eq(evaluationDatasets.id, row.id)),
      );
    await recordAudit(tx, ctx, {
      action: "evaluation_dataset.tagged",
      subjectType: "evaluation_dataset",
      subjectId: row.id,
      after: { set: Object.keys(set), removed: remove },
    });
  });
}
