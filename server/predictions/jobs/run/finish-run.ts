import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { batchJobParts } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { storeObject } from "@/server/artifacts";
import { type DatasetColumn, getDatasetInWorkspace } from "@/server/datasets";
import type { Context } from "@/server/kernel/context";
import { endBatchJob } from "../end-job";
import { type BatchJobRow, getBatchJobInWorkspace } from "../internal";
import { getVersionNumber } from "../version-number";
import { type BatchRun, isAt } from "./begin-run";
import type { BatchEngine } from "./engines";

/**
 * Writes the result of a job whose rows are all committed, and closes it. Repeating it after a kill
 * writes the same rows again and stores one of both.
 */
export async function finishBatchRun(
  ctx: Context,
  run: BatchRun,
  job: BatchJobRow,
  { scan }: BatchEngine,
): Promise<void> {
  requirePermission(ctx, "predictions:create");
  const { names, modelVersion } = await withWorkspace(ctx, async (tx) => {
    const dataset = await getDatasetInWorkspace(tx, ctx, job.datasetId);
    const names = (dataset.columns as DatasetColumn[]).map(({ name }) => name);
    return { names, modelVersion: await getVersionNumber(tx, ctx, job.versionId) };
  });
  const columns = (job.columns as string[]).map((name) => names.indexOf(name));
  const withProbabilities = job.probabilities;
  const made = await scan.write({ columns, modelVersion, withProbabilities });
  const { size } = await stat(made.path);
  const content = createReadStream(made.path);
  const result = await ctx.ports.objects.put(ctx.workspaceId, content, size);
  await withWorkspace(ctx, async (tx) => {
    const row = await getBatchJobInWorkspace(tx, ctx, run.jobId, true);
    if (!isAt(row, run)) return;
    await storeObject(tx, ctx, result);
    const preview = { columns: made.columns, rows: made.preview };
    await endBatchJob(tx, ctx, row, { status: "completed", result, preview });
    // The answers are in the result now.
    await tx
      .delete(batchJobParts)
      .where(and(eq(batchJobParts.workspaceId, ctx.workspaceId), eq(batchJobParts.jobId, row.id)));
  });
}
