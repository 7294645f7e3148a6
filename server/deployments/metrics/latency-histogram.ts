/**
 * Latencies in buckets whose bounds grow by the fourth root of two, so a percentile read from them is
 * within 10 % of the exact one at every scale. Bucket 0 ends at 50 µs, the last but one beyond a minute.
 */
const FIRST_US = 50;
const PER_OCTAVE = 4;

/** Buckets there are; the last one has no upper bound. */
export const LATENCY_BUCKETS = 84;

/** The bucket of a latency in microseconds. */
export function latencyBucket(us: number): number {
  if (us <= FIRST_US) return 0;
  return Math.min(LATENCY_BUCKETS - 1, Math.ceil(Math.log2(us / FIRST_US) * PER_OCTAVE));
}

/** Where bucket `at` ends, microseconds. */
export const latencyBucketUs = (at: number): number => FIRST_US * 2 ** (at / PER_OCTAVE);

/**
 * The latency below which the share `q` (0 to 1) of the counted requests lies, in milliseconds, linear
 * within a bucket as Prometheus' histogram_quantile has it. `counts` is by bucket, as a map without
 * the empty ones. null where nothing was counted.
 */
export function latencyQuantileMs(counts: ReadonlyMap<number, number>, q: number): number | null {
  let total = 0;
  for (const count of counts.values()) total += count;
  if (total === 0) return null;
  const rank = q * total;
  let below = 0;
  for (const at of [...counts.keys()].sort((a, b) => a - b)) {
    const count = counts.get(at) ?? 0;
    if (below + count >= rank) {
      const lower = at === 0 ? 0 : latencyBucketUs(at - 1);
      // The open end of the last bucket is no measure of anything.
      const upper = at >= LATENCY_BUCKETS - 1 ? lower : latencyBucketUs(at);
      return (lower + ((upper - lower) * Math.max(0, rank - below)) / count) / 1000;
    }
    below += count;
  }
  return latencyBucketUs(LATENCY_BUCKETS - 2) / 1000;
}
