/** How often two things were seen among a number of traces. */
export interface SeenTogether {
  total: number;
  first: number;
  second: number;
  both: number;
}

/** Added to each cell of the table of counts, so that few traces say little (Jeffreys' prior). */
const JEFFREYS = 0.5;

/**
 * Normalized pointwise mutual information (Bouma 2009): 1 for things always seen together, 0 for
 * independent ones, -1 for things never seen together; NaN where one was never seen.
 */
export function npmi(seen: SeenTogether): { plain: number; smoothed: number } {
  const { total, first, second, both } = seen;
  if (total <= 0 || first <= 0 || second <= 0) return { plain: Number.NaN, smoothed: Number.NaN };
  return { plain: both === 0 ? -1 : normalized(seen, 0), smoothed: normalized(seen, JEFFREYS) };
}

function normalized({ total, first, second, both }: SeenTogether, added: number): number {
  // All traces have both: information is none, association whole.
  if (both === total) return 1;
  const all = total + 4 * added;
  const together = (both + added) / all;
  const chance = ((first + 2 * added) / all) * ((second + 2 * added) / all);
  return Math.max(-1, Math.min(1, Math.log(together / chance) / -Math.log(together)));
}
