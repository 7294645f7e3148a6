import type { Tally } from "./compare-rates";
import { ALTERNATIVES, logMeanExp } from "./rate-odds";

/**
 * Evidence that a variant does wrong more often than `limit`, a share between 0 and 1: the logarithm
 * of the highest value of the likelihood ratio against it, mixed over alternatives. The null is
 * composite (share ≤ limit). Robbins 1970.
 */
export function guardRate(tallies: readonly Tally[], limit: number): number {
  const sums = ALTERNATIVES.map(() => 0);
  let highest = 0;
  for (const { requests, wrong } of tallies) {
    ALTERNATIVES.forEach((times, index) => {
      const odds = (times * limit) / (1 - limit);
      const share = odds / (1 + odds);
      const gain =
        wrong * Math.log(share / limit) + (requests - wrong) * Math.log((1 - share) / (1 - limit));
      sums[index] = (sums[index] ?? 0) + gain;
    });
    highest = Math.max(highest, logMeanExp(sums));
  }
  return highest;
}

/** Upper bound of a share, one-sided at `alpha` 0.005: Wilson 1927. One for no requests. */
export function upperShare({ requests, wrong }: Tally): number {
  if (requests === 0) return 1;
  const z = 2.5758293035489004;
  const share = wrong / requests;
  const centre = share + (z * z) / (2 * requests);
  const spread = z * Math.sqrt((share * (1 - share)) / requests + (z / (2 * requests)) ** 2);
  return Math.min(1, (centre + spread) / (1 + (z * z) / requests));
}
