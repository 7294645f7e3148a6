/** What takes a share of a deployment's traffic; weights add up to 100. */
export interface Weighted {
  weight: number;
}

/** The variant that `draw`, evenly spread over [0, 1), falls on. Undefined for an empty list. */
export function chooseByWeight<T extends Weighted>(
  variants: readonly T[],
  draw: number,
): T | undefined {
  if (variants.length <= 1) return variants[0];
  let rest = draw * variants.reduce((sum, one) => sum + one.weight, 0);
  for (const variant of variants) {
    rest -= variant.weight;
    if (rest < 0) return variant;
  }
  return variants.at(-1);
}
