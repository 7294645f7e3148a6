/** What the compared runs have in a metric, one value a run. */
interface Compared {
  last: readonly (number | null)[];
  min: readonly (number | null)[];
  max: readonly (number | null)[];
}

/** Whether the run at a place has the metric; one that ended as NaN still has its extremes. */
export const isLogged = (metric: Compared, at: number): boolean =>
  (metric.last[at] ?? metric.min[at] ?? metric.max[at] ?? null) !== null;
