import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { addTally, emptyTally, type Tally } from "./tally";

/** What `variantId` is where a request failed before a variant was chosen. */
export const NO_VARIANT = "00000000-0000-0000-0000-000000000000";

export interface CountsQuery {
  deploymentId: string;
  /** A multiple of `slotSeconds`, milliseconds since the epoch; `untilMs` is left out. */
  fromMs: number;
  untilMs: number;
  /** Slots that are read: 10 (kept for hours), 60 (days) or 3600 (long). */
  slotSeconds: 10 | 60 | 3600;
  /** What is added up, a multiple of `slotSeconds`. */
  bucketSeconds: number;
}

interface SumRow extends Record<string, unknown> {
  at_ms: string;
  variant_id: string;
  status_class: number;
  requests: string;
  rows: string;
  cache_hits: string;
  latency_us: string;
  queue_us: string;
  compute_us: string;
}

interface LatencyRow extends Record<string, unknown> {
  at_ms: string;
  variant_id: string;
  bucket: number;
  requests: string;
}

/** By variant id, then by start of the bucket in milliseconds; what is empty is left out. */
export type CountsByVariant = Map<string, Map<number, Tally>>;

/**
 * The exact counts of a deployment, which no sampling of the log touches. They are at most about a
 * second behind the replies.
 */
export async function readCounts(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  query: CountsQuery,
): Promise<CountsByVariant> {
  const found: CountsByVariant = new Map();
  const tallyAt = (variantId: string, atMs: number): Tally => {
    const byTime = found.get(variantId) ?? new Map<number, Tally>();
    found.set(variantId, byTime);
    const tally = byTime.get(atMs) ?? emptyTally();
    byTime.set(atMs, tally);
    return tally;
  };
  const bucket = sql`extract(epoch from date_bin(make_interval(secs => ${query.bucketSeconds}), at, to_timestamp(0))) * 1000`;
  const { rows: sums } = await tx.execute<SumRow>(sql`
    select (${bucket})::bigint as at_ms, variant_id, status_class, sum(requests) as requests, sum(rows) as rows,
      sum(cache_hits) as cache_hits, sum(latency_us_sum) as latency_us, sum(queue_us_sum) as queue_us,
      sum(compute_us_sum) as compute_us
    from prediction_counts where ${reached(ctx, query)} group by 1, 2, 3`);
  for (const row of sums) addTally(tallyAt(row.variant_id, Number(row.at_ms)), tallyOf(row));
  const { rows: latencies } = await tx.execute<LatencyRow>(sql`
    select (${bucket})::bigint as at_ms, variant_id, l.bucket, sum(l.requests) as requests
    from prediction_counts, unnest(latency_buckets, latency_counts) as l (bucket, requests)
    where ${reached(ctx, query)} group by 1, 2, 3`);
  for (const row of latencies) {
    tallyAt(row.variant_id, Number(row.at_ms)).latencies.set(row.bucket, Number(row.requests));
  }
  return found;
}

const reached = (ctx: Pick<Context, "workspaceId">, query: CountsQuery): SQL =>
  sql`workspace_id = ${ctx.workspaceId} and deployment_id = ${query.deploymentId} and seconds = ${query.slotSeconds}
    and at >= ${new Date(query.fromMs).toISOString()}::timestamptz and at < ${new Date(query.untilMs).toISOString()}::timestamptz`;

function tallyOf(row: SumRow): Tally {
  const requests = Number(row.requests);
  const isOf = (statusClass: number) => (row.status_class === statusClass ? requests : 0);
  return {
    requests,
    answered: isOf(2),
    refused: isOf(4),
    errors: isOf(5),
    rows: Number(row.rows),
    cacheHits: Number(row.cache_hits),
    latencyUs: Number(row.latency_us),
    queueUs: Number(row.queue_us),
    computeUs: Number(row.compute_us),
    latencies: new Map(),
  };
}
