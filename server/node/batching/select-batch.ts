/** One request waiting for its turn. Times are milliseconds of a monotonic clock. */
export type Waiting = {
  rows: number;
  /** Requests with equal keys may run together; undefined runs alone. */
  key: string | undefined;
  enqueuedAt: number;
  deadline: number;
};

export type BatchPolicy = {
  /** Rows that may run together; 1 merges nothing. */
  rowsMax: number;
  /** Ascending. */
  rowsPreferred: readonly number[];
  delayMs: number;
};

/**
 * What to run next out of `queue` (first come first, not empty): the first request and those after
 * it that fit with it into `rowsMax` rows, cut back to the largest preferred size that is reached.
 */
export function selectBatch<T extends Waiting>(queue: readonly T[], policy: BatchPolicy): T[] {
  const [head] = queue;
  if (head === undefined) return [];
  if (head.key === undefined || head.rows >= policy.rowsMax) return [head];
  const batch = [head];
  let rows = head.rows;
  const preferred = policy.rowsPreferred;
  let cut: { length: number; rows: number } | undefined;
  for (let at = 1; at < queue.length && rows < policy.rowsMax; at++) {
    const next = queue[at];
    if (next === undefined || next.key !== head.key || rows + next.rows > policy.rowsMax) continue;
    batch.push(next);
    rows += next.rows;
    if (preferred.includes(rows)) cut = { length: batch.length, rows };
  }
  if (cut !== undefined) batch.length = cut.length;
  return batch;
}

/**
 * Milliseconds that `batch` should still wait for neighbors while nothing runs: 0 when it is full,
 * of a preferred size, or when its first request has waited long enough.
 */
export function waitBeforeRun(batch: readonly Waiting[], policy: BatchPolicy, now: number): number {
  const [head] = batch;
  if (head === undefined || policy.delayMs === 0 || head.key === undefined) return 0;
  const rows = batch.reduce((sum, waiting) => sum + waiting.rows, 0);
  if (rows >= policy.rowsMax || policy.rowsPreferred.includes(rows)) return 0;
  return Math.max(0, head.enqueuedAt + policy.delayMs - now);
}
