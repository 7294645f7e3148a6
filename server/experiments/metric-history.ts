import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runMetrics } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getRunInWorkspace } from "./internal";
import { type MetricHistoryDto, metricHistoryInput } from "./schemas";

type Point = MetricHistoryDto["series"][number]["points"][number];

/** Extent of one stored series. */
interface Extent {
  key: string;
  total: number;
  minStep: number;
  maxStep: number;
  minTime: number;
  maxTime: number;
}

/**
 * Series of metrics by step. One with more than `maxPoints` points keeps the lowest and the highest
 * of each of maxPoints/2 equal stretches, so that no peak is lost. Throws not_found.
 */
export async function metricHistory(
  ctx: Context,
  input: z.input<typeof metricHistoryInput>,
): Promise<MetricHistoryDto> {
  requirePermission(ctx, "experiments:read");
  const { runId, keys, maxPoints } = metricHistoryInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const run = await getRunInWorkspace(tx, ctx, runId);
    const extents = new Map(
      (await loadExtents(tx, ctx, run.id, keys)).map((extent) => [extent.key, extent]),
    );
    const whole = [...extents.values()].filter((extent) => extent.total <= maxPoints);
    const points = await loadWhole(
      tx,
      ctx,
      run.id,
      whole.map((extent) => extent.key),
    );
    for (const extent of extents.values()) {
      if (extent.total <= maxPoints) continue;
      points.set(extent.key, await loadSampled(tx, ctx, run.id, extent, maxPoints));
    }
    return {
      series: [...new Set(keys)].map((key) => ({
        key,
        totalPoints: extents.get(key)?.total ?? 0,
        sampled: (extents.get(key)?.total ?? 0) > maxPoints,
        points: points.get(key) ?? [],
      })),
    };
  });
}

async function loadExtents(
  tx: Transaction,
  ctx: Context,
  runId: string,
  keys: string[],
): Promise<Extent[]> {
  const number = (column: ReturnType<typeof sql>) => column.mapWith(Number);
  return tx
    .select({
      key: runMetrics.key,
      total: number(sql`count(*)`),
      minStep: number(sql`min(${runMetrics.step})`),
      maxStep: number(sql`max(${runMetrics.step})`),
      minTime: number(sql`min(${runMetrics.timestamp})`),
      maxTime: number(sql`max(${runMetrics.timestamp})`),
    })
    .from(runMetrics)
    .where(
      and(
        eq(runMetrics.workspaceId, ctx.workspaceId),
        eq(runMetrics.runId, runId),
        inArray(runMetrics.key, keys),
      ),
    )
    .groupBy(runMetrics.key);
}

async function loadWhole(
  tx: Transaction,
  ctx: Context,
  runId: string,
  keys: string[],
): Promise<Map<string, Point[]>> {
  const series = new Map<string, Point[]>(keys.map((key) => [key, []]));
  if (keys.length === 0) return series;
  const rows = await tx
    .select()
    .from(runMetrics)
    .where(
      and(
        eq(runMetrics.workspaceId, ctx.workspaceId),
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

type Triple = [value: number, step: number, timestamp: number];

/** Lowest and highest point and one NaN of each stretch; steps and times are exact in a double. */
async function loadSampled(
  tx: Transaction,
  ctx: Context,
  runId: string,
  extent: Extent,
  maxPoints: number,
): Promise<Point[]> {
  const buckets = Math.floor(maxPoints / 2);
  // A metric logged without steps has step 0 throughout; then time is the axis.
  const steps = extent.maxStep > extent.minStep;
  const axis = steps ? sql`step` : sql`timestamp`;
  const [low, high] = steps ? [extent.minStep, extent.maxStep] : [extent.minTime, extent.maxTime];
  const width = (high - low + 1) / buckets;
  const { rows } = await tx.execute<{
    low: Triple | null;
    high: Triple | null;
    gap: Triple | null;
  }>(
    sql`select min(array[value, step, timestamp]) filter (where not is_nan) as low,
        max(array[value, step, timestamp]) filter (where not is_nan) as high,
        min(array[value, step, timestamp]) filter (where is_nan) as gap
      from run_metrics
      where workspace_id = ${ctx.workspaceId} and run_id = ${runId} and key = ${extent.key}
      group by floor((${axis} - ${low}::float8) / ${width}::float8)`,
  );
  const points = rows.flatMap(({ low, high, gap }): Point[] => {
    const kept = [low, high].filter((triple) => triple !== null).map(toPoint);
    // A stretch that is all NaN stays visible as a gap.
    return kept.length === 0 && gap ? [{ ...toPoint(gap), value: null }] : kept;
  });
  const distinct = new Map(points.map((p) => [`${p.step} ${p.timestamp} ${p.value}`, p]));
  return [...distinct.values()].sort((a, b) => a.step - b.step || a.timestamp - b.timestamp);
}

const toPoint = ([value, step, timestamp]: Triple): Point => ({ value, step, timestamp });
