import { and, eq, isNull, ne, or } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { trainingJobs } from "@/db/schema";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getJobInWorkspace } from "../internal";
import { endRun } from "../run-books";
import { finishJob } from "./finish-job";

/** Says on a queued job why it waits; nothing when it says so already. */
export function explainWait(ctx: Context, jobId: string, message: string): Promise<void> {
  return withWorkspace(ctx, async (tx) => {
    const changed = await tx
      .update(trainingJobs)
      .set({ message })
      .where(
        and(
          eq(trainingJobs.workspaceId, ctx.workspaceId),
          eq(trainingJobs.id, jobId),
          eq(trainingJobs.status, "queued"),
          or(isNull(trainingJobs.message), ne(trainingJobs.message, message)),
        ),
      )
      .returning({ id: trainingJobs.id });
    if (changed.length > 0) await announceChange(tx, ctx, "training", jobId);
  });
}

/** Ends a queued job that can never start. */
export async function failQueued(ctx: Context, jobId: string, error: string): Promise<void> {
  const failed = await withWorkspace(ctx, async (tx) => {
    const job = await getJobInWorkspace(tx, ctx, jobId, true);
    if (job.status !== "queued") return null;
    await finishJob(tx, ctx, job, { status: "failed", error });
    return job;
  });
  if (failed) await endRun(ctx, failed.runId, "FAILED");
}
