import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { BatchJobStatus } from "./constants";
import { isOver } from "./constants";
import { endBatchJob } from "./end-job";
import { getBatchJobInWorkspace, readBatchJob } from "./internal";
import { type BatchJobDto, batchJobRef } from "./schemas";

/**
 * Ends a job; its work stops within seconds and can be resumed. Asking twice is the same as once; a
 * completed or failed job answers conflict.
 */
export async function cancelBatchJob(
  ctx: Context,
  input: z.input<typeof batchJobRef>,
): Promise<BatchJobDto> {
  requirePermission(ctx, "predictions:create");
  const { batchJob: job } = batchJobRef.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const row = await getBatchJobInWorkspace(tx, ctx, job, true);
    if (row.status !== "cancelled") {
      if (isOver(row.status as BatchJobStatus)) {
        throw new AppError("conflict", `The batch job is ${row.status} already.`);
      }
      await endBatchJob(tx, ctx, row, { status: "cancelled" });
    }
    return readBatchJob(tx, ctx, job);
  });
}
