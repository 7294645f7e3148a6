/** Share of new rows that lie inside. */
const LEVEL = 0.9;

/** What is added to a prediction for the ends of its interval. */
export interface Band {
  level: number;
  low: number;
  high: number;
}

/**
 * The band that a share of 90 % of new rows lies in, from residuals (truth − prediction) of rows the model
 * did not learn from: split conformal prediction with a tail of half the rest on each side. null for fewer
 * than 19 residuals, whose tails hold none.
 */
export function conformalBand(residuals: readonly number[]): Band | null {
  const sorted = residuals.filter(Number.isFinite).sort((a, b) => a - b);
  const tail = (1 - LEVEL) / 2;
  // Counted from 1; rounding noise must not cost a whole place.
  const lowest = Math.floor((sorted.length + 1) * tail + 1e-9);
  const low = sorted[lowest - 1];
  const high = sorted[sorted.length - lowest];
  return low === undefined || high === undefined ? null : { level: LEVEL, low, high };
}
