import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { CountsQuery } from "./read-counts";

interface SumRow extends Record<string, unknown> {
  at_ms: string;
  version_id: string;
  version_number: number;
  rows: string;
  failed: string;
}

interface RowSums {
  /** Rows with an answer. */
  rows: number;
  /** Rows that got none. */
  failed: number;
}

/** Rows that batch jobs of a deployment went through, by version and by bucket of time. */
export interface BatchCounts {
  versions: (RowSums & { versionId: string; versionNumber: number })[];
  /** Start of the bucket, milliseconds, to its sums. */
  byTime: Map<number, RowSums>;
}

/** The exact counts of batch jobs, as of their checkpoints. */
export async function readBatchCounts(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  query: CountsQuery,
): Promise<BatchCounts> {
  const { rows: sums } = await tx.execute<SumRow>(sql`
    select (extract(epoch from date_bin(make_interval(secs => ${query.bucketSeconds}), c.at, to_timestamp(0))) * 1000)::bigint as at_ms,
      c.version_id, v.number as version_number, sum(c.answered) as rows, sum(c.failed) as failed
    from batch_row_counts c join model_versions v on v.workspace_id = c.workspace_id and v.id = c.version_id
    where c.workspace_id = ${ctx.workspaceId} and c.deployment_id = ${query.deploymentId} and c.seconds = ${query.slotSeconds}
      and c.at >= ${new Date(query.fromMs).toISOString()}::timestamptz and c.at < ${new Date(query.untilMs).toISOString()}::timestamptz
    group by 1, 2, 3 order by 3`);
  const versions = new Map<string, BatchCounts["versions"][number]>();
  const byTime = new Map<number, RowSums>();
  for (const sum of sums) {
    const [rows, failed, atMs] = [Number(sum.rows), Number(sum.failed), Number(sum.at_ms)];
    const { version_id: versionId, version_number: versionNumber } = sum;
    const version = versions.get(versionId) ?? { versionId, versionNumber, rows: 0, failed: 0 };
    version.rows += rows;
    version.failed += failed;
    versions.set(versionId, version);
    const slot = byTime.get(atMs) ?? { rows: 0, failed: 0 };
    byTime.set(atMs, { rows: slot.rows + rows, failed: slot.failed + failed });
  }
  return { versions: [...versions.values()], byTime };
}
