/** What a job bears that says nothing else: so many rows, and such a share of all where that is more. */
const ROWS = 100;
const SHARE = 0.01;

/**
 * Rows without an answer that a job bears before it fails: the larger of both limits that were given,
 * one percent but 100 rows at least where neither was. Pure.
 */
export function toleratedErrors(
  {
    maxErrors,
    maxErrorShare,
  }: { maxErrors?: number | undefined; maxErrorShare?: number | undefined },
  rowsTotal: number,
): number {
  const isGiven = maxErrors !== undefined || maxErrorShare !== undefined;
  const rows = isGiven ? (maxErrors ?? 0) : ROWS;
  const share = isGiven ? (maxErrorShare ?? 0) : SHARE;
  return Math.max(rows, Math.floor(rowsTotal * share));
}
