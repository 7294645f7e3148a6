import { randomUUID } from "node:crypto";
import { and, eq, inArray, isNotNull, isNull, lt, lte, or, sql } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { trainingJobs } from "@/db/schema";
import { trainingQuota } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import type { JobRow } from "../internal";
import { type Lease, leaseEnd } from "./lease";

export interface Claim {
  /** Names the worker process that holds the lease. */
  owner: string;
  leaseMs: number;
  /** Owners known to be dead: their leases need not run out. */
  deadOwners: string[];
}

const due = (claim: Claim) =>
  or(
    and(
      eq(trainingJobs.status, "queued"),
      isNotNull(trainingJobs.submittedAt),
      or(isNull(trainingJobs.notBefore), lte(trainingJobs.notBefore, sql`now()`)),
    ),
    and(
      eq(trainingJobs.status, "running"),
      isNull(trainingJobs.trainedAt),
      or(
        isNull(trainingJobs.leaseUntil),
        lt(trainingJobs.leaseUntil, sql`now()`),
        claim.deadOwners.length > 0
          ? inArray(trainingJobs.leaseOwner, claim.deadOwners)
          : undefined,
      ),
    ),
  );

/**
 * Takes a queued job for its next attempt, or an abandoned running one in the attempt it is in.
 * Answers null when another worker was faster, or the workspace runs as many as it may.
 */
export function claimJob(
  ctx: Context,
  jobId: string,
  claim: Claim,
): Promise<{ lease: Lease; job: JobRow } | null> {
  const lease: Lease = { ctx, jobId, token: randomUUID(), leaseMs: claim.leaseMs };
  return withWorkspace(ctx, async (tx) => {
    const mine = and(eq(trainingJobs.workspaceId, ctx.workspaceId), eq(trainingJobs.id, jobId));
    const [found] = await tx
      .select()
      .from(trainingJobs)
      .where(and(mine, due(claim)))
      .for("update", { skipLocked: true });
    if (!found) return null;
    const starts = found.status === "queued";
    if (starts) {
      const quota = await trainingQuota(tx, ctx);
      if (!quota.isFree) return keepWaiting(tx, ctx, found);
    }
    const [job] = await tx
      .update(trainingJobs)
      .set({
        leaseToken: lease.token,
        leaseUntil: leaseEnd(claim.leaseMs),
        leaseOwner: claim.owner,
        ...(starts ? startOf(ctx, found) : {}),
      })
      .where(mine)
      .returning();
    if (!job) return null;
    if (starts) {
      await recordAudit(tx, ctx, {
        action: "training_job.started",
        subjectType: "training_job",
        subjectId: jobId,
        after: { attempt: job.attempt },
      });
      await announceChange(tx, ctx, "training", jobId);
    }
    return { lease, job };
  });
}

const AT_QUOTA = "Waiting for another training of this workspace to end";

/** Says why, once; whoever ends a training wakes the queue. */
async function keepWaiting(tx: Transaction, ctx: Context, job: JobRow): Promise<null> {
  if (job.message === AT_QUOTA) return null;
  await tx
    .update(trainingJobs)
    .set({ message: AT_QUOTA })
    .where(and(eq(trainingJobs.workspaceId, ctx.workspaceId), eq(trainingJobs.id, job.id)));
  await announceChange(tx, ctx, "training", job.id);
  return null;
}

const startOf = (ctx: Context, found: JobRow) => ({
  status: "running",
  attempt: found.attempt + 1,
  startedAt: found.startedAt ?? ctx.now(),
  notBefore: null,
  backendRef: null,
  message: "Preparing the data",
});
