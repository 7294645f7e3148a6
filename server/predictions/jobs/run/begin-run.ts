import { and, count, eq, sql } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { batchJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { RUNNING_MAX } from "../constants";
import { type BatchJobRow, getBatchJobInWorkspace, isJob } from "../internal";

/** One start of a job. */
export interface BatchRun {
  jobId: string;
  attempt: number;
}

/** Whether a job is still at this start. */
export const isAt = (row: BatchJobRow, { attempt }: BatchRun): boolean =>
  row.status === "running" && row.attempt === attempt;

/**
 * Starts a queued job when there is room, for the function run `ref`; a run that takes over from
 * another one names that. Answers false where there is nothing to do: the job waits for its turn, is
 * over, or belongs to another run. Repeating it changes nothing. not audited: the job's creation is.
 */
export async function beginBatchRun(
  ctx: Context,
  run: BatchRun & { ref: string; takesOver?: string | undefined },
): Promise<boolean> {
  requirePermission(ctx, "predictions:create");
  return withWorkspace(ctx, async (tx) => {
    const key = `batch-jobs:${ctx.workspaceId}`;
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`);
    const row = await getBatchJobInWorkspace(tx, ctx, run.jobId, true).catch(() => undefined);
    if (!row || row.attempt !== run.attempt) return false;
    if (row.status === "running") {
      if (row.runRef !== run.ref && row.runRef !== run.takesOver) return false;
      await tx.update(batchJobs).set({ runRef: run.ref }).where(isJob(ctx, row.id));
      return true;
    }
    if (row.status !== "queued") return false;
    const [running] = await tx
      .select({ jobs: count() })
      .from(batchJobs)
      .where(and(eq(batchJobs.workspaceId, ctx.workspaceId), eq(batchJobs.status, "running")));
    const hasRoom = (running?.jobs ?? 0) < RUNNING_MAX;
    const started = {
      status: "running",
      runRef: run.ref,
      startedAt: row.startedAt ?? ctx.now(),
      message: "Reading the dataset",
    };
    const waiting = { message: `${RUNNING_MAX} other batch jobs are running` };
    await tx
      .update(batchJobs)
      .set(hasRoom ? started : waiting)
      .where(isJob(ctx, row.id));
    await announceChange(tx, ctx, "predictions", row.id);
    return hasRoom;
  });
}
