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

/** How the answers of a shadow compared with those that were sent. */
export interface Paired {
  /** Requests both answered, and those among them answered the same to the bit. */
  requests: number;
  equal: number;
  rows: number;
  /** Rows whose label was another one. */
  flips: number;
  /** Largest absolute difference of two numbers. */
  differenceMax: number;
}

/** What came of a prediction, told later. */
export interface Outcome {
  toldMs: number;
  isCandidate: boolean;
  /** Of classes 0 where the prediction was right, else 1; of numbers how far it was off. */
  error: number;
}

export interface LabelFacts {
  /** Whether classes are predicted, or numbers. */
  isClass: boolean;
  /** Of requests since the candidate's first traffic, in the order they were told. */
  outcomes: readonly Outcome[];
  /** Of the stable variant's requests before, where it does not answer beside the candidate. */
  before: readonly Outcome[] | null;
}

/** Everything a judgement rests on. */
export interface Facts {
  /** Since the first traffic of the candidate, oldest first, none of them still growing. */
  strata: { stable: Counts; candidate: Counts }[];
  /** What the stable variant did on its own: before, or beside a shadow that only gets copies. */
  before: Counts | null;
  /** Since the step began. */
  inStep: { stable: number; candidate: number };
  /** Latency above which a request is slow, milliseconds; null while it is not known. */
  slowAboveMs: number | null;
  /** A sample of first predictions of requests. */
  outputs: { stable: Output[]; candidate: Output[] };
  /** Of a shadow; null for variants that answer by themselves. */
  paired: Paired | null;
  /** Null where outcomes are not judged. */
  labels: LabelFacts | null;
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
