import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { batchJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { isJob, readBatchJob } from "./internal";
import { type BatchJobDto, type BatchPreview, batchJobRef, batchPreview } from "./schemas";

/** One batch job as it stands at its last checkpoint. Throws not_found. */
export async function getBatchJob(
  ctx: Context,
  input: z.input<typeof batchJobRef>,
): Promise<BatchJobDto> {
  requirePermission(ctx, "predictions:read");
  const { batchJob: job } = batchJobRef.parse(input);
  return withWorkspace(ctx, (tx) => readBatchJob(tx, ctx, job));
}

/** The first rows of a job's result. Throws not_found, conflict while there is none. */
export async function previewBatchResult(
  ctx: Context,
  input: z.input<typeof batchJobRef>,
): Promise<BatchPreview> {
  requirePermission(ctx, "predictions:read");
  const { batchJob: job } = batchJobRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const known = await readBatchJob(tx, ctx, job);
    const [row] = await tx
      .select({ preview: batchJobs.preview })
      .from(batchJobs)
      .where(isJob(ctx, job))
      .limit(1);
    if (!row?.preview) throw noResult(known);
    return batchPreview.parse(row.preview);
  });
}

/** Why a job has no result. */
export const noResult = ({
  status,
  resultExpiredAt,
}: {
  status: string;
  resultExpiredAt: Date | string | null;
}) =>
  new AppError(
    "conflict",
    resultExpiredAt
      ? `The result went on ${new Date(resultExpiredAt).toISOString().slice(0, 10)}, when its time was over. Start the job again.`
      : `The batch job is ${status}: it has no result.`,
  );
