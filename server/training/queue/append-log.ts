import { and, desc, eq, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { trainingLogs } from "@/db/schema";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { type Lease, withLease } from "./lease";
import { toLogText } from "./log-text";

/** Where the log of a job ends, bytes from its begin. */
export async function logEnd(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  jobId: string,
): Promise<number> {
  const [last] = await tx
    .select({
      end: sql<string>`${trainingLogs.offsetBytes} + octet_length(${trainingLogs.text})`,
    })
    .from(trainingLogs)
    .where(and(eq(trainingLogs.workspaceId, ctx.workspaceId), eq(trainingLogs.jobId, jobId)))
    .orderBy(desc(trainingLogs.offsetBytes))
    .limit(1);
  return Number(last?.end ?? 0);
}

/** Adds raw output that begins at `offset` of the job's log; what is there already is left out. */
export function appendOutput(lease: Lease, offset: number, bytes: Buffer): Promise<void> {
  return withLease(lease, async (tx) => {
    const end = await logEnd(tx, lease.ctx, lease.jobId);
    const fresh = bytes.subarray(Math.max(0, end - offset));
    if (fresh.length > 0) await insert(tx, lease, end, toLogText(fresh));
  });
}

/** Adds a line of our own at the end. Only while no trainer writes. */
export async function appendLine(tx: Transaction, lease: Lease, line: string): Promise<void> {
  const end = await logEnd(tx, lease.ctx, lease.jobId);
  await insert(tx, lease, end, `[modelyard] ${line.replaceAll("\0", " ")}\n`);
}

async function insert(tx: Transaction, lease: Lease, offsetBytes: number, text: string) {
  const { workspaceId } = lease.ctx;
  await tx
    .insert(trainingLogs)
    .values({ workspaceId, jobId: lease.jobId, offsetBytes, text, createdAt: lease.ctx.now() })
    .onConflictDoNothing();
  await announceChange(tx, lease.ctx, "training", lease.jobId);
}
