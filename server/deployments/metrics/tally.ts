import { latencyQuantileMs } from "./latency-histogram";

/** What was counted of some requests; times are sums in microseconds. */
export interface Tally {
  requests: number;
  answered: number;
  refused: number;
  errors: number;
  rows: number;
  cacheHits: number;
  latencyUs: number;
  queueUs: number;
  computeUs: number;
  /** Bucket of latency to requests in it. */
  latencies: Map<number, number>;
}

export const emptyTally = (): Tally => ({
  ...{ requests: 0, answered: 0, refused: 0, errors: 0, rows: 0, cacheHits: 0 },
  ...{ latencyUs: 0, queueUs: 0, computeUs: 0 },
  latencies: new Map(),
});

/** Adds `other` to `tally` in place. */
export function addTally(tally: Tally, other: Tally): void {
  for (const key of SUMS) tally[key] += other[key];
  for (const [bucket, count] of other.latencies) {
    tally.latencies.set(bucket, (tally.latencies.get(bucket) ?? 0) + count);
  }
}

const SUMS = [
  "requests",
  "answered",
  "refused",
  "errors",
  "rows",
  "cacheHits",
  "latencyUs",
  "queueUs",
  "computeUs",
] as const satisfies readonly (keyof Tally)[];

/** Requests, errors and percentiles; null where nothing was counted. */
export function pointOf({ requests, errors, latencies }: Tally) {
  return {
    requests,
    errors,
    p50Ms: latencyQuantileMs(latencies, 0.5),
    p95Ms: latencyQuantileMs(latencies, 0.95),
    p99Ms: latencyQuantileMs(latencies, 0.99),
  };
}

/** The figures of a whole range of `seconds`. */
export function figuresOf(tally: Tally, seconds: number) {
  const { requests, answered, refused, errors, rows, cacheHits } = tally;
  const mean = (us: number, of: number) => (of > 0 ? us / of / 1000 : null);
  return {
    ...pointOf(tally),
    ...{ refused, rows, cacheHits },
    requestRate: requests / seconds,
    errorRate: requests > 0 ? errors / requests : 0,
    meanMs: mean(tally.latencyUs, requests),
    meanQueueMs: mean(tally.queueUs, answered),
    meanComputeMs: mean(tally.computeUs, answered),
  };
}
