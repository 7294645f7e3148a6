import { chiSquareTail } from "./tail-probabilities";

interface RankTest {
  /** Of all pairs of one of each, the share in which the candidate's is larger; ties count half. */
  largerShare: number;
  /** Standardized U, with the correction for ties and half a step of continuity. */
  z: number;
  /** One-sided: that values of the candidate tend to be larger. */
  pValue: number;
}

/**
 * Whether the candidate's values tend to be larger than the stable variant's, without a model of how
 * they are distributed: Mann and Whitney 1947 by the normal approximation. Null where one has none.
 */
export function mannWhitney(
  stable: readonly number[],
  candidate: readonly number[],
): RankTest | null {
  const [n, m] = [stable.length, candidate.length];
  if (n === 0 || m === 0) return null;
  const { rankSum, ties } = rank(stable, candidate);
  const u = rankSum - (m * (m + 1)) / 2;
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * Math.max(1, total - 1)));
  const z = variance > 0 ? (u - (n * m) / 2 - 0.5) / Math.sqrt(variance) : 0;
  return { largerShare: u / (n * m), z, pValue: variance > 0 ? normalTail(z) : 1 };
}

/** Sum of the candidate's ranks among all values, and Σ (t³ − t) over groups of t equal ones. */
function rank(stable: readonly number[], candidate: readonly number[]) {
  const all = Float64Array.from([...stable, ...candidate]).sort();
  const middleRank = new Map<number, number>();
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    const value = all[from] ?? 0;
    let to = from + 1;
    while (to < all.length && all[to] === value) to++;
    const count = to - from;
    middleRank.set(value, (from + 1 + to) / 2);
    ties += count ** 3 - count;
    from = to;
  }
  const rankSum = candidate.reduce((sum, value) => sum + (middleRank.get(value) ?? 0), 0);
  return { rankSum, ties };
}

/** P(Z > z) of the standard normal distribution. */
const normalTail = (z: number): number => {
  const half = chiSquareTail(z * z, 1) / 2;
  return z >= 0 ? half : 1 - half;
};
