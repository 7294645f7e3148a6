import { and, eq, inArray, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { runLatestMetrics, runMetricRollups } from "@/db/schema";
import type { ExactInt } from "@/server/kernel/exact-int";
import {
  type Axis,
  decodeRollup,
  emptyRollup,
  joinStretches,
  type Rollup,
  type Span,
  type Stretch,
  spanOver,
  widen,
} from "./metric-rollup";

export interface SeriesOwner {
  workspaceId: string;
  runId: string;
}

/** What is known of a stored series before its points are read. */
export interface SeriesState {
  key: string;
  points: number;
  firstStep: ExactInt;
  lastStep: ExactInt;
  firstTime: ExactInt;
  lastTime: ExactInt;
  /** Every point up to this timestamp is in `rollup`. */
  rolledUntil: ExactInt | null;
  rollup: Buffer | null;
}

/** State of the series that exist; the rollup only of those with more than `wholeMax` points. */
export async function loadSeries(
  tx: Transaction,
  owner: SeriesOwner,
  keys: string[],
  wholeMax: number,
): Promise<SeriesState[]> {
  return tx
    .select({
      key: runLatestMetrics.key,
      points: runLatestMetrics.points,
      firstStep: runLatestMetrics.firstStep,
      lastStep: runLatestMetrics.step,
      firstTime: runLatestMetrics.firstTime,
      lastTime: runLatestMetrics.lastTime,
      rolledUntil: runLatestMetrics.rolledUntil,
      rollup: runMetricRollups.data,
    })
    .from(runLatestMetrics)
    .leftJoin(
      runMetricRollups,
      and(
        eq(runMetricRollups.workspaceId, runLatestMetrics.workspaceId),
        eq(runMetricRollups.runId, runLatestMetrics.runId),
        eq(runMetricRollups.key, runLatestMetrics.key),
        sql`${runLatestMetrics.points} > ${wholeMax}`,
      ),
    )
    .where(
      and(
        eq(runLatestMetrics.workspaceId, owner.workspaceId),
        eq(runLatestMetrics.runId, owner.runId),
        inArray(runLatestMetrics.key, keys),
      ),
    );
}

/**
 * The rollup of a whole series as `series` says it is: what is kept of it, joined with the points that
 * came since. `fresh` counts those.
 */
export async function loadRollup(
  tx: Transaction,
  owner: SeriesOwner,
  series: SeriesState,
): Promise<{ rollup: Rollup; fresh: number }> {
  // A metric logged without steps has the same one throughout; then time is the axis.
  const axis: Axis = series.lastStep > series.firstStep ? "step" : "timestamp";
  const [first, last] =
    axis === "step" ? [series.firstStep, series.lastStep] : [series.firstTime, series.lastTime];
  const kept = series.rollup && series.rolledUntil !== null ? decodeRollup(series.rollup) : null;
  const isKept = kept?.span.axis === axis;
  const span = spanOver(axis, BigInt(first), BigInt(last), isKept ? kept.span.level : 0);
  const rollup = isKept ? widen(kept, span) : emptyRollup(span);
  const rows = await readStretches(tx, owner, series.key, {
    span,
    between: [BigInt(first), BigInt(last)],
    since: isKept ? series.rolledUntil : null,
  });
  joinStretches(rollup, rows);
  return { rollup, fresh: rows.reduce((sum, row) => sum + row.count, 0) };
}

/** Points of one series as stretches of `span`: those `between` two positions, logged after `since`. */
export async function readStretches(
  tx: Transaction,
  owner: SeriesOwner,
  key: string,
  {
    span,
    between: [first, last],
    since,
  }: { span: Span; between: [bigint, bigint]; since: ExactInt | null },
): Promise<(Stretch & { count: number })[]> {
  const position = span.axis === "step" ? sql`step` : sql`timestamp`;
  const { rows } = await tx.execute<{ [K in keyof Stretch]: Stretch[K] } & { count: number }>(
    // A number that is none is stored as 0 beside its flag.
    sql`select ((${position} >> ${span.level}::int4) - ${String(span.origin)}::int8)::int4 as at,
        min(array[value, step, timestamp]) filter (where not is_nan) as low,
        max(array[value, step, timestamp]) filter (where not is_nan) as high,
        min(array[value, step, timestamp]) filter (where is_nan) as gap,
        count(*)::int as count
      from run_metrics
      where workspace_id = ${owner.workspaceId} and run_id = ${owner.runId} and key = ${key}
        and ${position} between ${String(first)}::int8 and ${String(last)}::int8
        ${since === null ? sql`` : sql`and timestamp > ${String(since)}::int8`}
      group by 1`,
  );
  return rows;
}
