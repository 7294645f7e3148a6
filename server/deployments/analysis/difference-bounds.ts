import type { Tally } from "./compare-rates";

/** The bounds are tightest about this many requests of both variants. */
const TUNED_FOR = 5_000;

/**
 * Bounds of share(candidate) − share(stable) that hold at every look together with probability
 * 1 − alpha: the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2024,
 * equation 9, as gbstats has it. Shares are smoothed by half a request; null without requests.
 */
export function differenceBounds(
  stable: Tally,
  candidate: Tally,
  alpha: number,
): { lower: number; upper: number } | null {
  if (stable.requests === 0 || candidate.requests === 0) return null;
  const [a, b] = [smoothed(stable), smoothed(candidate)];
  const error = Math.sqrt(a.variance / stable.requests + b.variance / candidate.requests);
  const half = error * sequentialMultiplier(stable.requests + candidate.requests, alpha);
  const difference = candidate.wrong / candidate.requests - stable.wrong / stable.requests;
  return { lower: Math.max(-1, difference - half), upper: Math.min(1, difference + half) };
}

const smoothed = ({ requests, wrong }: Tally) => {
  const share = (wrong + 0.5) / (requests + 1);
  return { variance: share * (1 - share) };
};

/** Standard errors on each side of an estimate from `n` requests. */
export function sequentialMultiplier(n: number, alpha: number, tunedFor = TUNED_FOR): number {
  const two = -2 * Math.log(alpha);
  const rho2 = (two + Math.log(two + 1)) / tunedFor;
  const inside = n * rho2 + 1;
  return Math.sqrt((n * 2 * inside * Math.log(Math.sqrt(inside) / alpha)) / (n * n * rho2));
}
