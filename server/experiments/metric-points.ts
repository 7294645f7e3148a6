import { compareInts, type ExactInt, greaterInt, lesserInt } from "@/server/kernel/exact-int";
import type { MetricDto } from "./schemas";

/** A metric value as it is stored: NaN is a flag beside the value 0, infinities are clamped. */
export interface MetricPoint {
  key: string;
  /** Milliseconds since the epoch. */
  timestamp: ExactInt;
  step: ExactInt;
  value: number;
  isNan: boolean;
}

/** The stored form of a logged value; any double is accepted. */
export function toStoredPoint(metric: {
  key: string;
  value: number;
  timestamp: ExactInt;
  step: ExactInt;
}): MetricPoint {
  const { key, timestamp, step, value } = metric;
  if (Number.isNaN(value)) return { key, timestamp, step, value: 0, isNan: true };
  const clamped = Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
  // Adding zero makes -0 plain 0, so that both spellings are one point.
  return { key, timestamp, step, value: clamped + 0, isNan: false };
}

/** A stored point as it goes out: what a double cannot hold comes in digits, too. */
export function toMetricDto({ key, timestamp, step, value, isNan }: MetricPoint): MetricDto {
  const dto: MetricDto = {
    key,
    value: isNan ? null : value,
    step: Number(step),
    timestamp: Number(timestamp),
  };
  if (typeof step === "bigint") dto.exactStep = String(step);
  if (typeof timestamp === "bigint") dto.exactTimestamp = String(timestamp);
  return dto;
}

/** Negative when `a` is older by (step, timestamp, value); NaN decides between equals. */
export function compareRecency(a: MetricPoint, b: MetricPoint): number {
  return (
    compareInts(a.step, b.step) ||
    compareInts(a.timestamp, b.timestamp) ||
    // The difference of two large doubles may overflow to infinity; the sign is all that counts.
    (a.value < b.value ? -1 : a.value > b.value ? 1 : 0) ||
    Number(a.isNan) - Number(b.isNan)
  );
}

const compareKeys = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What a batch says of one metric; merging it twice into what is known changes nothing. */
export interface SeriesSummary {
  latest: MetricPoint;
  /** The least and the greatest number, each at the first step that had it; null when all are NaN. */
  min: MetricPoint | null;
  max: MetricPoint | null;
  firstStep: ExactInt;
  firstTime: ExactInt;
  lastTime: ExactInt;
}

export interface PreparedPoints {
  /** Each distinct point once. */
  points: MetricPoint[];
  /** One summary for each key. */
  series: SeriesSummary[];
}

/**
 * Distinct points and what they say of each key. Both are sorted, so that two batches which meet at
 * the same rows lock them in the same order and never wait for each other in a circle.
 */
export function preparePoints(points: MetricPoint[]): PreparedPoints {
  const sorted = points.toSorted((a, b) => compareKeys(a.key, b.key) || compareRecency(a, b));
  const distinct: MetricPoint[] = [];
  const series: SeriesSummary[] = [];
  let last: MetricPoint | undefined;
  let known: SeriesSummary | undefined;
  for (const point of sorted) {
    if (last && known && last.key === point.key) {
      if (compareRecency(last, point) === 0) continue;
      extend(known, point);
    } else {
      known = startSeries(point);
      series.push(known);
    }
    distinct.push(point);
    last = point;
  }
  return { points: distinct, series };
}

function startSeries(point: MetricPoint): SeriesSummary {
  const { step, timestamp, isNan } = point;
  const number = isNan ? null : point;
  return {
    latest: point,
    min: number,
    max: number,
    firstStep: step,
    firstTime: timestamp,
    lastTime: timestamp,
  };
}

/** Points come by step, so the first with an extreme value is the one to keep. */
function extend(series: SeriesSummary, point: MetricPoint): void {
  series.latest = point;
  series.firstTime = lesserInt(series.firstTime, point.timestamp);
  series.lastTime = greaterInt(series.lastTime, point.timestamp);
  if (point.isNan) return;
  if (!series.min || point.value < series.min.value) series.min = point;
  if (!series.max || point.value > series.max.value) series.max = point;
}
