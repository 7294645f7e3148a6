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
  points: MetricPoint[];
}

export interface ChartedMetric {
  key: string;
  series: RunSeries[];
}

/** Metrics with several points are curves; those logged once are final values. By name. */
export function groupByMetric(series: RunSeries[]): {
  curves: ChartedMetric[];
  finals: ChartedMetric[];
} {
  const byKey = Map.groupBy(series, (one) => one.key);
  const metrics = [...byKey].map(([key, list]) => ({ key, series: list }));
  metrics.sort((a, b) => a.key.localeCompare(b.key));
  const isCurve = (metric: ChartedMetric) => metric.series.some((one) => one.points.length > 1);
  return { curves: metrics.filter(isCurve), finals: metrics.filter((m) => !isCurve(m)) };
}

/** Seconds after the first point of any run, so that runs of different days can be laid over each other. */
export function secondsIntoRun(points: MetricPoint[]): { x: number; y: number | null }[] {
  const first = points.reduce((low, point) => Math.min(low, point.timestamp), Infinity);
  return points.map((point) => ({ x: (point.timestamp - first) / 1000, y: point.value }));
}

/** Points by step. */
export const byStep = (points: MetricPoint[]): { x: number; y: number | null }[] =>
  points.map((point) => ({ x: point.step, y: point.value }));
