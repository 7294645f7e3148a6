import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { trainingJobs } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import type { JobRow } from "../internal";
import { NO_LEASE } from "./lease";
import { wakeQueue } from "./wake-queue";

export type Ending =
  | { status: "completed"; versionId: string; error: null }
  | { status: "failed"; error: string }
  | { status: "cancelled"; error: null };

/** The one way a job ends, in the transaction of a caller that holds its row: status, audit, event. */
export async function finishJob(
  tx: Transaction,
  ctx: Context,
  job: JobRow,
  ending: Ending,
): Promise<void> {
  const end = { ...ending, finishedAt: ctx.now(), message: null };
  await tx
    .update(trainingJobs)
    .set({ ...end, ...NO_LEASE })
    .where(and(eq(trainingJobs.workspaceId, ctx.workspaceId), eq(trainingJobs.id, job.id)));
  await recordAudit(tx, ctx, {
    action: `training_job.${ending.status}`,
    subjectType: "training_job",
    subjectId: job.id,
    before: { status: job.status },
    after: end,
  });
  const data = { jobId: job.id, runId: job.runId, modelId: job.modelId };
  await emitEvent(tx, ctx, { name: `training/job.${ending.status}`, data });
  // Whoever waits for the trainer need not wait any longer.
  if (ending.status === "failed") {
    await emitEvent(tx, ctx, { name: "training/job.finished", data });
  }
  await announceChange(tx, ctx, "training", job.id);
  await wakeQueue(tx);
}
