import { and, asc, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { batchJobs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";

/** Asks background work to start a job, at once or when its turn comes. */
export async function requestRun(
  tx: Transaction,
  ctx: Context,
  { id, attempt }: { id: string; attempt: number },
): Promise<void> {
  const data = { jobId: id, attempt };
  await emitEvent(tx, ctx, { name: "predictions/batch_job.requested", data });
}

/** A job is over: the one that waits longest may have its place. */
export async function requestNext(tx: Transaction, ctx: Context): Promise<void> {
  const [next] = await tx
    .select({ id: batchJobs.id, attempt: batchJobs.attempt })
    .from(batchJobs)
    .where(and(eq(batchJobs.workspaceId, ctx.workspaceId), eq(batchJobs.status, "queued")))
    .orderBy(asc(batchJobs.createdAt), asc(batchJobs.id))
    .limit(1);
  if (next) await requestRun(tx, ctx, next);
}
