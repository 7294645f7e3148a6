import { and, eq, gte, lte, sql } from "drizzle-orm";
import { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runLatestMetrics, runMetrics } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { LIMITS } from "./constants";
import { getRunInWorkspace, type RunRow } from "./internal";
import { metricHistory } from "./metric-history";
import { toMetricDto } from "./metric-points";
import type { MetricDto } from "./schemas";

const sampleInput = z.object({
  runIds: z.array(z.string()).min(1).max(LIMITS.sampledRuns),
  key: z.string().max(LIMITS.key),
  maxPoints: z.int().min(1).max(LIMITS.sampledPoints),
  /** First and last step to look at, both included; all steps when absent. */
  steps: z.tuple([z.int(), z.int()]).optional(),
});

/** A longer series is not walked through whole; its lowest and highest points stand for it. */
const WALKED_POINTS = 50_000;

/**
 * One metric of several runs by (step, timestamp, value): at most `maxPoints` points of each run,
 * evenly chosen, the first and the last among them. Throws not_found.
 */
export async function sampleMetricPoints(
  ctx: Context,
  input: z.input<typeof sampleInput>,
): Promise<{ runId: string; points: MetricDto[] }[]> {
  requirePermission(ctx, "experiments:read");
  const { runIds, maxPoints, steps, ...rest } = sampleInput.parse(input);
  const key = rest.key.replaceAll("\0", "");
  const chosen = await withWorkspace(ctx, async (tx) => {
    const runs: RunRow[] = [];
    for (const runId of runIds) runs.push(await getRunInWorkspace(tx, ctx, runId));
    const found: { runId: string; points: MetricDto[] | null }[] = [];
    for (const { id } of runs) {
      const isLong =
        !steps && maxPoints >= 10 && (await countPoints(tx, ctx, id, key)) > WALKED_POINTS;
      found.push({
        runId: id,
        points: isLong ? null : await choose(tx, ctx, id, { key, maxPoints, steps }),
      });
    }
    return found;
  });
  return Promise.all(
    chosen.map(async ({ runId, points }) => ({
      runId,
      points: points ?? (await extremes(ctx, runId, key, maxPoints)),
    })),
  );
}

async function countPoints(
  tx: Transaction,
  ctx: Context,
  runId: string,
  key: string,
): Promise<number> {
  const [row] = await tx
    .select({ points: runLatestMetrics.points })
    .from(runLatestMetrics)
    .where(
      and(
        eq(runLatestMetrics.workspaceId, ctx.workspaceId),
        eq(runLatestMetrics.runId, runId),
        eq(runLatestMetrics.key, key),
      ),
    );
  return row?.points ?? 0;
}

async function choose(
  tx: Transaction,
  ctx: Context,
  runId: string,
  {
    key,
    maxPoints,
    steps,
  }: { key: string; maxPoints: number; steps: [number, number] | undefined },
): Promise<MetricDto[]> {
  const order = sql`order by ${runMetrics.step}, ${runMetrics.timestamp}, ${runMetrics.value}, ${runMetrics.isNan}`;
  const parted = tx
    .select({
      timestamp: runMetrics.timestamp,
      step: runMetrics.step,
      value: runMetrics.value,
      isNan: runMetrics.isNan,
      bucket: sql<number>`ntile(${maxPoints}::int) over (${order})`.as("bucket"),
      place: sql<number>`row_number() over (${order})`.as("place"),
      total: sql<number>`count(*) over ()`.as("total"),
    })
    .from(runMetrics)
    .where(
      and(
        eq(runMetrics.workspaceId, ctx.workspaceId),
        eq(runMetrics.runId, runId),
        eq(runMetrics.key, key),
        steps && gte(runMetrics.step, steps[0]),
        steps && lte(runMetrics.step, steps[1]),
      ),
    )
    .as("parted");
  const first = tx
    .select({
      timestamp: parted.timestamp,
      step: parted.step,
      value: parted.value,
      isNan: parted.isNan,
      place: parted.place,
      total: parted.total,
      isFirst:
        sql<boolean>`${parted.place} = min(${parted.place}) over (partition by ${parted.bucket})`.as(
          "is_first",
        ),
    })
    .from(parted)
    .as("first");
  const rows = await tx
    .select()
    .from(first)
    .where(sql`${first.isFirst} or ${first.place} = ${first.total}`)
    .orderBy(first.place);
  // The last point takes the place of the one before it where there would be one too many.
  if (rows.length > maxPoints) rows.splice(-2, 1);
  return rows.map((row) => toMetricDto({ ...row, key }));
}

async function extremes(
  ctx: Context,
  runId: string,
  key: string,
  maxPoints: number,
): Promise<MetricDto[]> {
  const { series } = await metricHistory(ctx, { runId, keys: [key], maxPoints });
  return (series[0]?.points ?? []).map((point) => ({ ...point, key }));
}
