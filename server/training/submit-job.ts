import { and, eq, sql } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { trainingJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getJobInWorkspace } from "./internal";
import { wakeQueue } from "./queue/wake-queue";

/** Lets a requested job into the queue, where priorities and slots decide. Repeating it is harmless. */
export async function submitJob(ctx: Context, input: { jobId: string }): Promise<void> {
  requirePermission(ctx, "training:write");
  await withWorkspace(ctx, async (tx) => {
    const job = await getJobInWorkspace(tx, ctx, input.jobId, true);
    if (job.status !== "queued" || job.submittedAt) return;
    await tx
      .update(trainingJobs)
      .set({ submittedAt: sql`now()` })
      .where(and(eq(trainingJobs.workspaceId, ctx.workspaceId), eq(trainingJobs.id, job.id)));
    await recordAudit(tx, ctx, {
      action: "training_job.submitted",
      subjectType: "training_job",
      subjectId: job.id,
    });
    await announceChange(tx, ctx, "training", job.id);
    await wakeQueue(tx);
  });
}
