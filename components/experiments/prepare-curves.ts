export interface MetricPoint {
  step: number;
  /** Milliseconds since the epoch. */
  timestamp: number;
  value: number | null;
}

/** One metric of the run at that place in the list of runs. */
export interface RunSeries {
  run: number;
  key: string;
  totalPoints: number;
  sampled: boolean;
  /** Of the earliest point; null where there is none. */
  firstTimestamp: number | null;
  points: MetricPoint[];
}

/** Part of the horizontal axis: steps, or seconds into the run. */
export type Zoom = readonly [low: number, high: number];

export interface ChartedMetric {
  key: string;
  series: RunSeries[];
}

/** Orders names as people read them: layer_2 before layer_10. */
export const byName = new Intl.Collator("en", { numeric: true }).compare;

/** Metrics with several points are curves; those logged once are final values. By name. */
export function groupByMetric(series: RunSeries[]): {
  curves: ChartedMetric[];
  finals: ChartedMetric[];
} {
  const byKey = Map.groupBy(series, (one) => one.key);
  const metrics = [...byKey].map(([key, list]) => ({ key, series: list }));
  metrics.sort((a, b) => byName(a.key, b.key));
  const isCurve = (metric: ChartedMetric) => metric.series.some((one) => one.points.length > 1);
  return { curves: metrics.filter(isCurve), finals: metrics.filter((m) => !isCurve(m)) };
}

/** Names that tell the runs apart: those of equal ones end with a part of their id. */
export function tellApart<R extends { id: string; name: string }>(runs: readonly R[]): R[] {
  const named = Map.groupBy(runs, ({ name }) => name);
  return runs.map((run) =>
    (named.get(run.name)?.length ?? 0) > 1
      ? { ...run, name: `${run.name} · ${run.id.slice(-4)}` }
      : run,
  );
}

/** When each run logged its first point, so that runs of different days can be laid over each other. */
export function runOrigins(series: RunSeries[]): Map<number, number> {
  const origins = new Map<number, number>();
  for (const { run, firstTimestamp } of series) {
    if (firstTimestamp === null) continue;
    origins.set(run, Math.min(origins.get(run) ?? Infinity, firstTimestamp));
  }
  return origins;
}

type XY = { x: number; y: number | null };

/** A value that can be drawn; the largest double is an infinity to MLflow, and leaves a gap. */
const drawn = (value: number | null): number | null =>
  value === null || Math.abs(value) >= Number.MAX_VALUE ? null : value;

/** Points by seconds after `origin`, milliseconds since the epoch. */
export const secondsAfter = (origin: number, points: MetricPoint[]): XY[] =>
  points.map((point) => ({ x: (point.timestamp - origin) / 1000, y: drawn(point.value) }));

/** Points by step. */
export const byStep = (points: MetricPoint[]): XY[] =>
  points.map((point) => ({ x: point.step, y: drawn(point.value) }));

/** A dragged window with no more digits than its width is worth, so that the address stays short. */
export function roundZoom([low, high]: Zoom): [number, number] {
  const unit = 10 ** Math.floor(Math.log10(Math.max(high - low, Number.MIN_VALUE)) - 2);
  const round = (x: number) => Number((Math.round(x / unit) * unit).toPrecision(12));
  return [round(low), round(high)];
}

/** How much more than the window is asked for on each side, so that lines reach its borders. */
const MARGIN = 0.02;

/** The window as a server knows it: whole steps, or milliseconds since the epoch. */
export function askedWindow(
  [low, high]: Zoom,
  byTime: boolean,
  origin: number,
): { axis: "step" | "time"; from: number; to: number } {
  const margin = (high - low) * MARGIN + 1;
  const at = (x: number) => (byTime ? origin + x * 1000 : x);
  return {
    axis: byTime ? "time" : "step",
    from: Math.floor(at(low - margin)),
    to: Math.ceil(at(high + margin)),
  };
}
