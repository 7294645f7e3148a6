import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { datasets } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import { type DatasetRow, getDatasetInWorkspace, toDatasetSummary } from "./internal";
import { datasetRef } from "./schemas";

/** Throws conflict, saying what uses the dataset, to keep it. */
export type DatasetGuard = (tx: Transaction, ctx: Context, dataset: DatasetRow) => Promise<void>;

/** Slices to the right, which this one may not import, add what they know of a dataset's use. */
export const datasetGuards: DatasetGuard[] = [];

/**
 * Takes one version out of sight; its content stays for the model versions made from it.
 * Takes an id only: a name could mean another version a moment later. Throws not_found, conflict.
 */
export async function deleteDataset(
  ctx: Context,
  input: z.input<typeof datasetRef>,
): Promise<void> {
  requirePermission(ctx, "datasets:write");
  const { dataset } = datasetRef.parse(input);
  if (!isUuid(dataset)) throw notFound("The dataset");
  await withWorkspace(ctx, async (tx) => {
    const row = await getDatasetInWorkspace(tx, ctx, dataset, true);
    for (const guard of datasetGuards) await guard(tx, ctx, row);
    await tx
      .update(datasets)
      .set({ deletedAt: ctx.now() })
      .where(and(eq(datasets.workspaceId, ctx.workspaceId), eq(datasets.id, row.id)));
    await recordAudit(tx, ctx, {
      action: "dataset.deleted",
      subjectType: "dataset",
      subjectId: row.id,
      before: toDatasetSummary(row),
    });
    await announceChange(tx, ctx, "datasets", row.id);
  });
}
