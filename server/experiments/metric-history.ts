import { and, asc, eq, inArray } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runMetrics } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getRunInWorkspace } from "./internal";
import { isWorthRolling, rollSoon } from "./keep-rollup";
import { loadRollup, loadSeries, type SeriesOwner, type SeriesState } from "./load-rollup";
import { STRETCHES_MAX, sampleRollup } from "./metric-rollup";
import { type MetricHistoryDto, metricHistoryInput } from "./schemas";

type Point = MetricHistoryDto["series"][number]["points"][number];

/**
 * Series of metrics by step. One with more than `maxPoints` points keeps the lowest and the highest
 * of each of at most maxPoints/2 equal stretches, so that no peak is lost. Throws not_found.
 */
export async function metricHistory(
  ctx: Context,
  input: z.input<typeof metricHistoryInput>,
): Promise<MetricHistoryDto> {
  requirePermission(ctx, "experiments:read");
  const { runId, keys, maxPoints } = metricHistoryInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const run = await getRunInWorkspace(tx, ctx, runId);
    const owner = { workspaceId: ctx.workspaceId, runId: run.id };
    const known = await loadSeries(tx, owner, keys, maxPoints);
    const [short, long] = [
      known.filter((series) => series.points <= maxPoints),
      known.filter((series) => series.points > maxPoints),
    ];
    const shortKeys = short.map((series) => series.key);
    const points = await loadWhole(tx, owner, shortKeys);
    for (const series of long) {
      points.set(series.key, await loadSampled(tx, ctx, owner, series, maxPoints));
    }
    const totals = new Map(known.map((series) => [series.key, series.points]));
    return {
      series: [...new Set(keys)].map((key) => ({
        key,
        totalPoints: totals.get(key) ?? 0,
        sampled: (totals.get(key) ?? 0) > maxPoints,
        points: points.get(key) ?? [],
      })),
    };
  });
}

async function loadWhole(
  tx: Transaction,
  { workspaceId, runId }: SeriesOwner,
  keys: string[],
): Promise<Map<string, Point[]>> {
  const series = new Map<string, Point[]>(keys.map((key) => [key, []]));
  if (keys.length === 0) return series;
  const rows = await tx
    .select()
    .from(runMetrics)
    .where(
      and(
        eq(runMetrics.workspaceId, workspaceId),
        eq(runMetrics.runId, runId),
        inArray(runMetrics.key, keys),
      ),
    )
    .orderBy(asc(runMetrics.step), asc(runMetrics.timestamp), asc(runMetrics.value));
  for (const { key, step, timestamp, value, isNan } of rows) {
    series
      .get(key)
      ?.push({ step: Number(step), timestamp: Number(timestamp), value: isNan ? null : value });
  }
  return series;
}

async function loadSampled(
  tx: Transaction,
  ctx: Context,
  owner: SeriesOwner,
  series: SeriesState,
  maxPoints: number,
): Promise<Point[]> {
  const { rollup, fresh } = await loadRollup(tx, owner, series);
  if (isWorthRolling(fresh)) rollSoon({ ...owner, db: ctx.db }, series.key);
  return sampleRollup(rollup, Math.min(Math.floor(maxPoints / 2), STRETCHES_MAX));
}
