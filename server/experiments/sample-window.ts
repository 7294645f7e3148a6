import { and, asc, eq, gte, lte } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { runMetrics } from "@/db/schema";
import { loadRollup, readStretches, type SeriesOwner, type SeriesState } from "./load-rollup";
import {
  cut,
  emptyRollup,
  joinStretches,
  type SampledPoint,
  STRETCHES_MAX,
  sampleRollup,
  spanOver,
} from "./metric-rollup";
import type { MetricWindow } from "./schemas";

/**
 * Points of one series inside a window: all of them, or the lowest and the highest of each of at most
 * maxPoints/2 equal stretches of it. Of a wide window the kept rollup is taken, whose first and last
 * stretch may reach beyond it.
 */
export async function sampleWindow(
  tx: Transaction,
  owner: SeriesOwner,
  series: SeriesState,
  { window, maxPoints }: { window: MetricWindow; maxPoints: number },
): Promise<{ points: SampledPoint[]; sampled: boolean }> {
  const stretches = Math.min(Math.floor(maxPoints / 2), STRETCHES_MAX);
  const [first, last] = bounds(series, window);
  if (first > last) return { points: [], sampled: false };
  const kept = await fromRollup(tx, owner, series, { window, first, last, stretches });
  if (kept) return { points: kept, sampled: true };
  const whole = await readWhole(tx, owner, series.key, { window, maxPoints });
  if (whole.length <= maxPoints) return { points: whole, sampled: false };
  const span = spanOver(window.axis === "step" ? "step" : "timestamp", first, last);
  const rollup = emptyRollup(span);
  joinStretches(
    rollup,
    await readStretches(tx, owner, series.key, { span, between: [first, last], since: null }),
  );
  return { points: sampleRollup(rollup, stretches), sampled: true };
}

/** The window without what lies before the first and after the last point. */
function bounds(series: SeriesState, { axis, from, to }: MetricWindow): [bigint, bigint] {
  const [low, high] =
    axis === "step" ? [series.firstStep, series.lastStep] : [series.firstTime, series.lastTime];
  const [first, last] = [BigInt(from), BigInt(to)];
  return [first > BigInt(low) ? first : BigInt(low), last < BigInt(high) ? last : BigInt(high)];
}

/** undefined unless the rollup is fine enough to tell the window's stretches apart. */
async function fromRollup(
  tx: Transaction,
  owner: SeriesOwner,
  series: SeriesState,
  want: { window: MetricWindow; first: bigint; last: bigint; stretches: number },
): Promise<SampledPoint[] | undefined> {
  if (!series.rollup || want.window.axis !== "step") return undefined;
  const { rollup } = await loadRollup(tx, owner, series);
  if (rollup.span.axis !== "step") return undefined;
  const part = cut(rollup, want.first, want.last);
  return part.span.stretches >= want.stretches ? sampleRollup(part, want.stretches) : undefined;
}

/** The points themselves, one more than `maxPoints` at most. */
async function readWhole(
  tx: Transaction,
  { workspaceId, runId }: SeriesOwner,
  key: string,
  { window, maxPoints }: { window: MetricWindow; maxPoints: number },
): Promise<SampledPoint[]> {
  const position = window.axis === "step" ? runMetrics.step : runMetrics.timestamp;
  const rows = await tx
    .select()
    .from(runMetrics)
    .where(
      and(
        eq(runMetrics.workspaceId, workspaceId),
        eq(runMetrics.runId, runId),
        eq(runMetrics.key, key),
        gte(position, window.from),
        lte(position, window.to),
      ),
    )
    .orderBy(asc(runMetrics.timestamp))
    .limit(maxPoints + 1);
  return rows
    .map(({ step, timestamp, value, isNan }) => ({
      step: Number(step),
      timestamp: Number(timestamp),
      value: isNan ? null : value,
    }))
    .sort((a, b) => a.step - b.step || a.timestamp - b.timestamp);
}
