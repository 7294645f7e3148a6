import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { isFinished } from "./constants";
import { getJobInWorkspace } from "./internal";

/** pending: its trainer waits or runs; trained: a version can be registered; over: nothing is left to do. */
export type Outcome = "pending" | "trained" | "over";

export async function getOutcome(ctx: Context, input: { jobId: string }): Promise<Outcome> {
  requirePermission(ctx, "training:read");
  const job = await withWorkspace(ctx, (tx) => getJobInWorkspace(tx, ctx, input.jobId));
  if (isFinished(job.status)) return "over";
  return job.trainedAt ? "trained" : "pending";
}
