import { and, eq, sql } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { trainingJobs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { JobRow } from "../internal";

/** What a worker holds while it looks after a job. Whoever lost it may write nothing more. */
export interface Lease {
  ctx: Context;
  jobId: string;
  token: string;
  leaseMs: number;
}

/** The job went to another worker, ended, or was never ours. */
export class LeaseLost extends Error {
  override name = "LeaseLost";
}

const held = (lease: Lease) =>
  and(
    eq(trainingJobs.workspaceId, lease.ctx.workspaceId),
    eq(trainingJobs.id, lease.jobId),
    eq(trainingJobs.leaseToken, lease.token),
  );

/** Runs `fn` while the job's row is locked and still ours. Throws LeaseLost otherwise. */
export function withLease<T>(
  lease: Lease,
  fn: (tx: Transaction, job: JobRow) => Promise<T>,
): Promise<T> {
  return withWorkspace(lease.ctx, async (tx) => {
    const [job] = await tx.select().from(trainingJobs).where(held(lease)).for("update");
    if (!job) throw new LeaseLost(`The lease of training job ${lease.jobId} is lost.`);
    return fn(tx, job);
  });
}

/** Extends the lease; answers when somebody asked to cancel, or null. Throws LeaseLost. */
export function renewLease(lease: Lease): Promise<Date | null> {
  return withWorkspace(lease.ctx, async (tx) => {
    const [row] = await tx
      .update(trainingJobs)
      .set({ leaseUntil: leaseEnd(lease.leaseMs) })
      .where(held(lease))
      .returning({ cancelRequestedAt: trainingJobs.cancelRequestedAt });
    if (!row) throw new LeaseLost(`The lease of training job ${lease.jobId} is lost.`);
    return row.cancelRequestedAt;
  });
}

/** By the clock of the database, which all workers share. */
export const leaseEnd = (leaseMs: number) => sql`now() + make_interval(secs => ${leaseMs / 1000})`;

/** Columns that say nobody holds the job. */
export const NO_LEASE = { leaseToken: null, leaseUntil: null, leaseOwner: null } as const;
