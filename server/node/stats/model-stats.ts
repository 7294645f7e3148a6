/** Upper bounds, in milliseconds, of the request duration histogram. */
export const DURATION_BUCKETS_MS = [
  0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000,
] as const;

/** Distinct batch sizes that are told apart; beyond them only the totals count. */
const BATCH_SIZES_MAX = 256;

type FailureReason = "REJECTED" | "CANCELED" | "BACKEND" | "OTHER";
export type Duration = { count: number; ms: number };

/**
 * Plain counters of one model, cheap enough for every request; the metrics and statistics endpoints
 * read them. They outlive eviction and end with unload.
 */
export class ModelStats {
  success = 0;
  readonly failure: Record<FailureReason, number> = {
    REJECTED: 0,
    CANCELED: 0,
    BACKEND: 0,
    OTHER: 0,
  };
  /** Requests in the queue now. */
  pending = 0;
  /** Rows answered. */
  inferenceCount = 0;
  /** Calls of the model; smaller than the number of requests when they were merged. */
  executionCount = 0;
  /** Milliseconds since the epoch; 0 before the first. */
  lastInferenceAt = 0;
  readonly request: Duration = { count: 0, ms: 0 };
  readonly queue: Duration = { count: 0, ms: 0 };
  readonly computeInput: Duration = { count: 0, ms: 0 };
  readonly computeInfer: Duration = { count: 0, ms: 0 };
  readonly computeOutput: Duration = { count: 0, ms: 0 };
  readonly durationBuckets = new Array<number>(DURATION_BUCKETS_MS.length + 1).fill(0);
  readonly batchSizes = new Map<number, Duration>();

  recordExecution(rows: number, inputMs: number, inferMs: number, outputMs: number): void {
    add(this.computeInput, inputMs);
    add(this.computeOutput, outputMs);
    this.recordShare(rows, 1, inferMs);
  }

  /** A part, 0 to 1, of a call of `rows` rows, for who sees requests and not the calls they share. */
  recordShare(rows: number, share: number, inferMs: number): void {
    this.executionCount += share;
    add(this.computeInfer, share * inferMs, share);
    const known = this.batchSizes.get(rows);
    if (known !== undefined) add(known, share * inferMs, share);
    else if (this.batchSizes.size < BATCH_SIZES_MAX)
      this.batchSizes.set(rows, { count: share, ms: share * inferMs });
  }

  recordRequest(rows: number, queueMs: number, computeMs: number): void {
    this.success++;
    this.inferenceCount += rows;
    this.lastInferenceAt = Date.now();
    add(this.queue, queueMs);
    const totalMs = queueMs + computeMs;
    add(this.request, totalMs);
    let bucket = 0;
    while (bucket < DURATION_BUCKETS_MS.length && totalMs > (DURATION_BUCKETS_MS[bucket] ?? 0))
      bucket++;
    this.durationBuckets[bucket] = (this.durationBuckets[bucket] ?? 0) + 1;
  }
}

function add(duration: Duration, ms: number, count = 1): void {
  duration.count += count;
  duration.ms += ms;
}

/** Counters under the labels that the metrics give them. */
export type LabeledStats = { labels: { model: string; version: string }; stats: ModelStats };
