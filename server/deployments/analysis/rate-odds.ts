/**
 * Odds ratios an alternative may have, relative to the tolerated one. A mixture over all of them is
 * near the best of them, whatever the truth is.
 */
export const ALTERNATIVES = [1.25, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64] as const;

/** Logarithm of the mean of `exp(values)`. */
export function logMeanExp(values: readonly number[]): number {
  const top = Math.max(...values);
  if (top === Number.NEGATIVE_INFINITY) return top;
  const sum = values.reduce((total, value) => total + Math.exp(value - top), 0);
  return top + Math.log(sum / values.length);
}

/** An e-process that reached `exp(log)` at its highest, as a p-value valid at every look (Ville 1939). */
export const anytimeP = (log: number): number => Math.min(1, Math.exp(-log));
