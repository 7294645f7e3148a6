/** Requests admitted in one window; a bucket holds as many at once. */
export interface Rate {
  perSecond: number;
}

/** What a bucket says: how many more calls it holds, and when it is full or open again. */
export interface BucketState {
  isAllowed: boolean;
  remaining: number;
  /** Milliseconds until the bucket is full again. */
  fullInMs: number;
  /** Milliseconds until the next call is admitted; 0 when this one is. */
  retryInMs: number;
}

/** A bucket holds what one second brings. */
export const WINDOW_MS = 1000;

/**
 * Generic cell rate algorithm: `tat` is the theoretical arrival time of the next call, the only
 * number a bucket keeps. Answers the state after one call at `nowMs` and the bucket's new number.
 */
export function arrive(
  tat: number,
  perSecond: number,
  nowMs: number,
): { state: BucketState; tat: number } {
  const intervalMs = WINDOW_MS / perSecond;
  const next = Math.max(tat, nowMs) + intervalMs;
  const openAt = next - WINDOW_MS;
  // Rounding of thousands of additions must not cost the last call of a full bucket.
  const isAllowed = openAt <= nowMs + 1e-6;
  const kept = isAllowed ? next : tat;
  return {
    state: {
      isAllowed,
      remaining: Math.max(0, Math.floor((nowMs + WINDOW_MS - kept) / intervalMs + 1e-6)),
      fullInMs: Math.max(0, kept - nowMs),
      retryInMs: isAllowed ? 0 : openAt - nowMs,
    },
    tat: kept,
  };
}
