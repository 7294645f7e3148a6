import { and, asc, eq, inArray } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runMetrics } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { ExactInt } from "@/server/kernel/exact-int";
import { getRunInWorkspace } from "./internal";
import { isWorthRolling, rollSoon } from "./keep-rollup";
import { loadRollup, loadSeries, type SeriesOwner, type SeriesState } from "./load-rollup";
import { STRETCHES_MAX, sampleRollup } from "./metric-rollup";
import { sampleWindow } from "./sample-window";
import { type MetricHistoryDto, metricHistoryInput } from "./schemas";

type Point = MetricHistoryDto["series"][number]["points"][number];
interface Sample {
  points: Point[];
  sampled: boolean;
}

/**
 * Series of metrics by step, or the part of them inside a window. What has more than `maxPoints`
 * points keeps the lowest and the highest of each of at most maxPoints/2 equal stretches, so that no
 * peak is lost. Throws not_found.
 */
export async function metricHistory(
  ctx: Context,
  input: z.input<typeof metricHistoryInput>,
): Promise<MetricHistoryDto> {
  requirePermission(ctx, "experiments:read");
  const { runId, keys, maxPoints, window } = metricHistoryInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const run = await getRunInWorkspace(tx, ctx, runId);
    const owner = { workspaceId: ctx.workspaceId, runId: run.id };
    const known = await loadSeries(tx, owner, keys, maxPoints);
    const found = new Map<string, Sample>();
    const long = known.filter((series) => window !== undefined || series.points > maxPoints);
    for (const series of long) {
      const sample = window
        ? await sampleWindow(tx, owner, series, { window, maxPoints })
        : { points: await loadSampled(tx, ctx, owner, series, maxPoints), sampled: true };
      found.set(series.key, sample);
    }
    const short = known.filter((series) => !found.has(series.key)).map((series) => series.key);
    for (const [key, points] of await loadWhole(tx, owner, short)) {
      found.set(key, { points, sampled: false });
    }
    const states = new Map(known.map((series) => [series.key, series]));
    return {
      series: [...new Set(keys)].map((key) => ({
        key,
        totalPoints: states.get(key)?.points ?? 0,
        firstTimestamp: numberOf(states.get(key)?.firstTime),
        ...(found.get(key) ?? { points: [], sampled: false }),
      })),
    };
  });
}

const numberOf = (exact: ExactInt | undefined) => (exact === undefined ? null : Number(exact));

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
