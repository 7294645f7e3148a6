import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { batchJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { getDatasetInWorkspace } from "@/server/datasets";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getBatchJobInWorkspace, isJob, readBatchJob } from "./internal";
import { readingOf } from "./reading";
import { requestRun } from "./request-run";
import { type BatchJobDto, batchJobRef } from "./schemas";

/**
 * Lets a failed or cancelled job go on behind its last checkpoint; rows that have an answer keep it.
 * Throws not_found when its dataset was deleted, conflict for a job in another state.
 */
export async function resumeBatchJob(
  ctx: Context,
  input: z.input<typeof batchJobRef>,
): Promise<BatchJobDto> {
  requirePermission(ctx, "predictions:create");
  const { batchJob: job } = batchJobRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const row = await getBatchJobInWorkspace(tx, ctx, job, true);
    if (row.status !== "failed" && row.status !== "cancelled") {
      throw new AppError("conflict", `The batch job is ${row.status}: there is nothing to resume.`);
    }
    const dataset = await getDatasetInWorkspace(tx, ctx, row.datasetId);
    await readingOf(tx, ctx, { versionId: row.versionId, dataset });
    const attempt = row.attempt + 1;
    await tx
      .update(batchJobs)
      .set({ status: "queued", attempt, error: null, stalledSince: null, finishedAt: null })
      .where(isJob(ctx, job));
    await recordAudit(tx, ctx, {
      action: "batch_job.resumed",
      subjectType: "batch_job",
      subjectId: job,
      before: { status: row.status },
      after: { status: "queued", attempt, rowsRead: row.rowsRead },
    });
    await requestRun(tx, ctx, { id: job, attempt });
    await announceChange(tx, ctx, "predictions", job);
    return readBatchJob(tx, ctx, job);
  });
}
