import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { isFinished } from "./constants";
import { getJobInWorkspace } from "./internal";
import { finishJob } from "./queue/finish-job";
import { endRun } from "./run-books";
import { revokeRunKeys } from "./run-key";

/**
 * Ends a job whose background work gave up. The dispatcher that looks after a running trainer loses
 * its lease by this and ends it. Repeating it is harmless.
 */
export async function failJob(
  ctx: Context,
  input: { jobId: string; error: string },
): Promise<void> {
  requirePermission(ctx, "training:write");
  const { jobId, error } = input;
  const job = await withWorkspace(ctx, (tx) => getJobInWorkspace(tx, ctx, jobId));
  if (isFinished(job.status)) return;
  await revokeRunKeys(ctx, job);
  // Before the job: whoever sees it failed finds its run closed.
  await endRun(ctx, job.runId, "FAILED");
  await withWorkspace(ctx, async (tx) => {
    const now = await getJobInWorkspace(tx, ctx, jobId, true);
    if (!isFinished(now.status)) await finishJob(tx, ctx, now, { status: "failed", error });
  });
}
