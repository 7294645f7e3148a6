import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { endBatchJob } from "../end-job";
import { getBatchJobInWorkspace } from "../internal";
import { type BatchRun, isAt } from "./begin-run";
import { dropEngine } from "./engines";

/** Closes a job that cannot go on; what is committed stays for a resumption. */
export async function failBatchRun(
  ctx: Context,
  { error, ...run }: BatchRun & { error: string },
): Promise<void> {
  requirePermission(ctx, "predictions:create");
  await dropEngine(run);
  await withWorkspace(ctx, async (tx) => {
    const row = await getBatchJobInWorkspace(tx, ctx, run.jobId, true).catch(() => undefined);
    if (row && isAt(row, run)) await endBatchJob(tx, ctx, row, { status: "failed", error });
  });
}
