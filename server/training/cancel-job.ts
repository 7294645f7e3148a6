import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { trainingJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getJob } from "./get-job";
import { getJobInWorkspace, type JobRow } from "./internal";
import { finishJob } from "./queue/finish-job";
import { wakeQueue } from "./queue/wake-queue";
import { endRun } from "./run-books";
import { type JobDto, jobRef } from "./schemas";

/**
 * Asks a job to stop. A queued one is cancelled at once; a running one when its trainer has ended,
 * within 10 s. Asking twice is the same as once; a finished job answers conflict.
 */
export async function cancelJob(ctx: Context, input: z.input<typeof jobRef>): Promise<JobDto> {
  requirePermission(ctx, "training:write");
  const { job } = jobRef.parse(input);
  const cancelled = await withWorkspace(ctx, async (tx) => {
    const row = await getJobInWorkspace(tx, ctx, job, true);
    if (row.status === "cancelled" || row.cancelRequestedAt) return row;
    refuseFinished(row);
    await recordAudit(tx, ctx, {
      action: "training_job.cancel_requested",
      subjectType: "training_job",
      subjectId: job,
      before: { status: row.status },
    });
    await markRequested(tx, ctx, row);
    return row;
  });
  // Asked again after a crash in between, this closes the run that was left open.
  if (cancelled.status !== "running") await endRun(ctx, cancelled.runId, "KILLED");
  return getJob(ctx, { job });
}

function refuseFinished(row: JobRow): void {
  if (row.status === "completed" || row.status === "failed") {
    throw new AppError("conflict", `This job is ${row.status} already.`);
  }
  if (row.trainedAt) {
    throw new AppError("conflict", "The training is done; its version is being registered.");
  }
}

async function markRequested(tx: Transaction, ctx: Context, row: JobRow): Promise<void> {
  if (row.status === "queued") {
    return finishJob(tx, ctx, row, { status: "cancelled", error: null });
  }
  await tx
    .update(trainingJobs)
    .set({ cancelRequestedAt: sql`now()`, message: "Stopping the trainer" })
    .where(and(eq(trainingJobs.workspaceId, ctx.workspaceId), eq(trainingJobs.id, row.id)));
  await announceChange(tx, ctx, "training", row.id);
  await wakeQueue(tx);
}
