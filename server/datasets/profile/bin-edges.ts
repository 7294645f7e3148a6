import { HISTOGRAM_BINS_MAX } from "../constants";

export interface Bins {
  start: number;
  width: number;
  count: number;
}

/**
 * Equal-width bins over [min, max]: the square root of the number of values, 30 at most. Whole
 * numbers get bins that hold equally many of them, with edges half-way between.
 * null when no width can be told, as for the widest doubles.
 */
export function binEdges(min: number, max: number, values: number, whole: boolean): Bins | null {
  const span = max - min;
  if (!Number.isFinite(span)) return null;
  if (span === 0) return { start: min - 0.5, width: 1, count: 1 };
  if (whole) {
    const perBin = Math.ceil((span + 1) / HISTOGRAM_BINS_MAX);
    return { start: min - 0.5, width: perBin, count: Math.ceil((span + 1) / perBin) };
  }
  const count = Math.min(HISTOGRAM_BINS_MAX, Math.max(1, Math.ceil(Math.sqrt(values))));
  const width = span / count;
  return width > 0 ? { start: min, width, count } : null;
}
