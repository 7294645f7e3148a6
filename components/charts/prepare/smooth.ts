import type { Value } from "./align-series";

/**
 * Exponential moving average, debiased as Adam does (Kingma and Ba 2015, section 3), so that the
 * first points are not pulled to zero. `weight` from 0 (raw) to below 1. Gaps stay gaps, and
 * places without a point stay so.
 */
export function smooth(values: Value[], weight: number): Value[] {
  if (weight <= 0) return values;
  let average = 0;
  let seen = 0;
  return values.map((value) => {
    if (value === null || value === undefined) return value;
    average = average * weight + value * (1 - weight);
    seen += 1;
    return average / (1 - weight ** seen);
  });
}
