import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { isFinished } from "./constants";
import { getJobInWorkspace } from "./internal";
import { finishJob } from "./queue/finish-job";
import { endRun } from "./run-books";

/**
 * Ends a job whose background work gave up. A running trainer is left to the dispatcher, which
 * loses its lease by this and whose trainer loses its key. Repeating it is harmless.
 */
export async function failJob(
  ctx: Context,
  input: { jobId: string; error: string },
): Promise<void> {
  requirePermission(ctx, "training:write");
  const job = await withWorkspace(ctx, async (tx) => {
    const row = await getJobInWorkspace(tx, ctx, input.jobId, true);
    if (!isFinished(row.status)) {
      await finishJob(tx, ctx, row, { status: "failed", error: input.error });
    }
    return row;
  });
  if (job.status !== "completed" && job.status !== "cancelled") {
    await endRun(ctx, job.runId, "FAILED");
  }
}
