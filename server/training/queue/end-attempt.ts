import { and, eq, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { trainingJobs } from "@/db/schema";
import { announceChange } from "@/server/kernel/announce-change";
import { emitEvent } from "@/server/kernel/emit-event";
import type { JobRow } from "../internal";
import { endRun } from "../run-books";
import { appendLine } from "./append-log";
import { finishJob } from "./finish-job";
import { type Lease, NO_LEASE, withLease } from "./lease";
import { wakeQueue } from "./wake-queue";

/** What becomes of a job when its trainer is no more. */
export type AttemptEnd =
  | { kind: "trained" }
  | { kind: "cancelled" }
  | { kind: "failed"; error: string }
  | { kind: "retry"; message: string; delayMs: number }
  /** Stopped on our own account: the next start counts as this one. */
  | { kind: "handed-back" };

/** Settles an attempt and gives the lease up. Throws LeaseLost when somebody else holds it. */
export async function endAttempt(lease: Lease, end: AttemptEnd): Promise<void> {
  let settled = false;
  while (!settled) {
    const job = await withLease(lease, async (_tx, row) => row);
    // Whoever asked to cancel was promised it, however the trainer ended.
    const effective: AttemptEnd = job.cancelRequestedAt ? { kind: "cancelled" } : end;
    const { kind } = effective;
    // Before the job ends: a worker that dies in between leaves a job that the next one ends again.
    if (kind === "failed") await endRun(lease.ctx, job.runId, "FAILED");
    if (kind === "cancelled") await endRun(lease.ctx, job.runId, "KILLED");
    settled = await withLease(lease, async (tx, row) => {
      if (row.cancelRequestedAt && kind !== "cancelled") return false;
      await settle(tx, lease, row, effective);
      return true;
    });
  }
}

async function settle(tx: Transaction, lease: Lease, job: JobRow, end: AttemptEnd): Promise<void> {
  const { ctx } = lease;
  switch (end.kind) {
    case "cancelled":
      await appendLine(tx, lease, "The training was cancelled.");
      return finishJob(tx, ctx, job, { status: "cancelled", error: null });
    case "failed":
      await appendLine(tx, lease, end.error);
      return finishJob(tx, ctx, job, { status: "failed", error: end.error });
    case "trained":
      return trained(tx, lease, job);
    case "retry":
      await appendLine(tx, lease, end.message);
      return requeue(tx, lease, { ...end, attempt: job.attempt });
    case "handed-back":
      return requeue(tx, lease, { message: WAITING, delayMs: 0, attempt: job.attempt - 1 });
  }
}

const WAITING = "Waiting for a worker";

async function requeue(
  tx: Transaction,
  lease: Lease,
  next: { message: string; delayMs: number; attempt: number },
): Promise<void> {
  const { message, attempt } = next;
  const notBefore = sql`now() + make_interval(secs => ${next.delayMs / 1000})`;
  await tx
    .update(trainingJobs)
    .set({ ...NO_LEASE, status: "queued", backendRef: null, attempt, message, notBefore })
    .where(mine(lease));
  await announceChange(tx, lease.ctx, "training", lease.jobId);
  await wakeQueue(tx);
}

/** Frees the slot and tells background work that the version can be registered. */
async function trained(tx: Transaction, lease: Lease, job: JobRow): Promise<void> {
  const { ctx, jobId } = lease;
  await tx
    .update(trainingJobs)
    .set({ ...NO_LEASE, trainedAt: ctx.now(), message: "Registering the version" })
    .where(mine(lease));
  const data = { jobId, runId: job.runId, modelId: job.modelId };
  await emitEvent(tx, ctx, { name: "training/job.finished", data });
  await announceChange(tx, ctx, "training", jobId);
  await wakeQueue(tx);
}

const mine = (lease: Lease) =>
  and(eq(trainingJobs.workspaceId, lease.ctx.workspaceId), eq(trainingJobs.id, lease.jobId));
