/** Counts arrive this long after their requests, milliseconds. */
const WRITTEN_AFTER_MS = 2_000;

interface Counted {
  /** Where the bucket begins. */
  at: string;
  requests: number;
  errors: number;
}

/** Less of a bucket than this tells nothing of a rate, seconds. */
const TOLD_SECONDS = 10;

/**
 * Something a second of each bucket. The newest bucket is still being filled: it is divided by the
 * time that has passed in it, and is a gap in its first seconds.
 */
export function ratesOf<P extends Counted>(
  series: readonly P[],
  bucketSeconds: number,
  count: (point: P) => number,
  nowMs = Date.now(),
): (number | null)[] {
  return series.map((point, index) => {
    const passed = (nowMs - WRITTEN_AFTER_MS - new Date(point.at).getTime()) / 1_000;
    if (index < series.length - 1 || passed >= bucketSeconds) return count(point) / bucketSeconds;
    return passed < TOLD_SECONDS ? null : count(point) / passed;
  });
}
