import { sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getDeploymentInWorkspace } from "./internal";
import { type MetricsDto, metricsInput } from "./schemas";

/** About this many points a series. */
const POINTS = 60;
const BUCKET_SECONDS_MIN = 5;

interface Row extends Record<string, unknown> {
  /** null in the row of the whole range. */
  at: string | null;
  requests: number;
  errors: number;
  percentiles: number[] | null;
}

/** Requests, errors and latency percentiles of a deployment, read from its prediction log. */
export async function getDeploymentMetrics(
  ctx: Context,
  input: z.input<typeof metricsInput>,
): Promise<MetricsDto> {
  requirePermission(ctx, "deployments:read");
  const { deployment: ref, rangeMinutes } = metricsInput.parse(input);
  const bucketSeconds = Math.max(BUCKET_SECONDS_MIN, Math.ceil((rangeMinutes * 60) / POINTS));
  const bucketMs = bucketSeconds * 1000;
  const end = (Math.floor(ctx.now().getTime() / bucketMs) + 1) * bucketMs;
  const start = end - Math.ceil((rangeMinutes * 60_000) / bucketMs) * bucketMs;
  const rows = await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, ref);
    const result = await tx.execute<Row>(sql`
      select to_char(bucket at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
        count(*)::int as requests, count(*) filter (where status >= 500)::int as errors,
        percentile_cont(array[0.5, 0.95, 0.99]) within group (order by latency_us) as percentiles
      from (
        select status, latency_us,
          date_bin(make_interval(secs => ${bucketSeconds}), at, to_timestamp(0)) as bucket
        from prediction_logs where workspace_id = ${ctx.workspaceId} and deployment_id = ${deployment.id}
          and at >= ${new Date(start).toISOString()}::timestamptz and at < ${new Date(end).toISOString()}::timestamptz
      ) as logs
      group by grouping sets ((bucket), ())`);
    return result.rows;
  });
  const total = rows.find((row) => row.at === null);
  const byTime = new Map(rows.map((row) => [row.at, row]));
  const series = [];
  for (let time = start; time < end; time += bucketMs) {
    const at = new Date(time).toISOString();
    series.push({ at, ...countsOf(byTime.get(at)) });
  }
  const { requests, errors, ...percentiles } = countsOf(total);
  return {
    rangeMinutes,
    bucketSeconds,
    requests,
    requestRate: requests / (rangeMinutes * 60),
    errorRate: requests > 0 ? errors / requests : 0,
    ...percentiles,
    series,
  };
}

function countsOf(row: Row | undefined) {
  const [p50 = null, p95 = null, p99 = null] = row?.percentiles ?? [];
  const milliseconds = (us: number | null) => (us === null ? null : us / 1000);
  return {
    requests: row?.requests ?? 0,
    errors: row?.errors ?? 0,
    p50Ms: milliseconds(p50),
    p95Ms: milliseconds(p95),
    p99Ms: milliseconds(p99),
  };
}
