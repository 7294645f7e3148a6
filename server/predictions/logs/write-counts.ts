import { sql } from "drizzle-orm";
import { type Database, withWorkspace } from "@/db/client";
import type { CountRow } from "./count-book";

/**
 * Writes slots of one workspace as they stand now. `writer` is this process: its rows are its own and
 * hold whole values, so writing one twice is the same as once.
 */
export async function writeCounts(
  db: Database,
  writer: string,
  workspaceId: string,
  rows: readonly CountRow[],
): Promise<void> {
  const json = JSON.stringify(rows.map(toJson));
  await withWorkspace({ db, workspaceId }, (tx) =>
    tx.execute(sql`
      insert into prediction_counts (workspace_id, writer, deployment_id, seconds, at, variant_id, status_class, is_pinned,
        requests, rows, cache_hits, latency_us_sum, queue_us_sum, compute_us_sum, latency_buckets, latency_counts)
      select ${workspaceId}::uuid, ${writer}::uuid, r.* from json_to_recordset(${json}::json) as r (deployment_id uuid,
        seconds smallint, at timestamptz, variant_id uuid, status_class smallint, is_pinned boolean, requests bigint, rows bigint,
        cache_hits bigint, latency_us bigint, queue_us bigint, compute_us bigint, buckets smallint[], counts int[])
      on conflict (workspace_id, deployment_id, seconds, at, variant_id, status_class, is_pinned, writer) do update set
        requests = excluded.requests, rows = excluded.rows, cache_hits = excluded.cache_hits,
        latency_us_sum = excluded.latency_us_sum, queue_us_sum = excluded.queue_us_sum,
        compute_us_sum = excluded.compute_us_sum, latency_buckets = excluded.latency_buckets,
        latency_counts = excluded.latency_counts`),
  );
}

function toJson({ tally, ...slot }: CountRow) {
  const { deploymentId, seconds, atMs, variantId, statusClass, isPinned } = slot;
  const buckets: number[] = [];
  const counts: number[] = [];
  tally.buckets.forEach((count, at) => {
    if (count === 0) return;
    buckets.push(at);
    counts.push(count);
  });
  return {
    deployment_id: deploymentId,
    seconds,
    at: new Date(atMs).toISOString(),
    variant_id: variantId,
    status_class: statusClass,
    is_pinned: isPinned,
    requests: tally.requests,
    rows: tally.rows,
    cache_hits: tally.cacheHits,
    latency_us: tally.latencyUs,
    queue_us: tally.queueUs,
    compute_us: tally.computeUs,
    buckets,
    counts,
  };
}
