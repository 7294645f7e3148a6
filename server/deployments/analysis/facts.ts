import type { Output } from "./compare-outputs";

/** What one variant was asked in a stretch of time. */
export interface Counts {
  requests: number;
  /** Replies with status 500 and above. */
  errors: number;
  /** Answered requests whose latency counts; those before a threshold was known do not. */
  timed: number;
  /** Of `timed`, those slower than the threshold. */
  slow: number;
}

export const NO_COUNTS: Counts = { requests: 0, errors: 0, timed: 0, slow: 0 };

/** Everything a judgement rests on. */
export interface Facts {
  /** Since the first traffic of the candidate, oldest first, none of them still growing. */
  strata: { stable: Counts; candidate: Counts }[];
  /** What the stable variant did before, where nothing of it runs beside the candidate. */
  before: Counts | null;
  /** Since the step began. */
  inStep: { stable: number; candidate: number };
  /** Latency above which a request is slow, milliseconds; null while it is not known. */
  slowAboveMs: number | null;
  /** A sample of first predictions of requests. */
  outputs: { stable: Output[]; candidate: Output[] };
  /** This look's number, from 1. */
  look: number;
}

export const addCounts = (list: readonly Counts[]): Counts =>
  list.reduce(
    (sum, one) => ({
      requests: sum.requests + one.requests,
      errors: sum.errors + one.errors,
      timed: sum.timed + one.timed,
      slow: sum.slow + one.slow,
    }),
    NO_COUNTS,
  );
