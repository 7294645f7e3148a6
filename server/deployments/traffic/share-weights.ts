export interface Share {
  variantId: string;
  weight: number;
}

/**
 * Gives a candidate `weight` percent and scales what the others had to the rest, in whole percent by
 * largest remainder (Hamilton). The sum is 100.
 */
export function shareWeights(
  baseline: readonly Share[],
  candidateId: string,
  weight: number,
): Share[] {
  const rest = 100 - weight;
  const total = baseline.reduce((sum, one) => sum + one.weight, 0);
  const exact = baseline.map((one) => ({
    variantId: one.variantId,
    ideal: total > 0 ? (one.weight * rest) / total : rest / baseline.length,
  }));
  const shares = exact.map(({ variantId, ideal }) => ({ variantId, weight: Math.floor(ideal) }));
  let missing = rest - shares.reduce((sum, one) => sum + one.weight, 0);
  const byRemainder = exact
    .map(({ ideal }, index) => ({ index, remainder: ideal - Math.floor(ideal) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder) {
    const share = shares[index];
    if (missing <= 0 || !share) break;
    share.weight++;
    missing--;
  }
  return [...shares, { variantId: candidateId, weight }];
}
