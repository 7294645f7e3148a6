import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { batchJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { type BatchJobStatus, isOver } from "./constants";
import { getBatchJobInWorkspace, isJob } from "./internal";
import { batchJobRef } from "./schemas";

/** Removes a job that is over, with its result and its errors. Throws not_found, conflict before. */
export async function deleteBatchJob(
  ctx: Context,
  input: z.input<typeof batchJobRef>,
): Promise<void> {
  requirePermission(ctx, "predictions:create");
  const { batchJob: job } = batchJobRef.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const { preview: _preview, ...row } = await getBatchJobInWorkspace(tx, ctx, job, true);
    if (!isOver(row.status as BatchJobStatus)) {
      throw new AppError("conflict", `The batch job is ${row.status}. Cancel it first.`);
    }
    // Parts and errors go with it; the collector takes the files that nothing stands for.
    await tx.delete(batchJobs).where(isJob(ctx, job));
    await recordAudit(tx, ctx, {
      action: "batch_job.deleted",
      subjectType: "batch_job",
      subjectId: job,
      before: row,
    });
    await announceChange(tx, ctx, "predictions", job);
  });
}
