import type { RollOutMetric } from "../constants";
import { compareRates, type Stratum, type Tally } from "./compare-rates";
import { differenceBounds } from "./difference-bounds";
import { guardRate, upperShare } from "./guard-rate";
import { countOf, inChance, percent } from "./in-words";
import type { Reading } from "./judge";
import { anytimeP } from "./rate-odds";

interface RateQuestion {
  metric: RollOutMetric;
  strata: Stratum[];
  /** What the stable variant did before, where it does not run beside the candidate. */
  before: Tally | null;
  /** Odds ratio that is tolerated. */
  tolerated: number;
  minRequests: number;
  inStep: { stable: number; candidate: number };
  alpha: number;
  /** "failed", "were slower than 12 ms". */
  did: string;
  /** What is counted; requests when absent. */
  noun?: string;
}

/** Whether the candidate does wrong more often than the stable variant. */
export function judgeRate(question: RateQuestion): Reading {
  const { metric, strata, before, minRequests, alpha, did, noun = "request" } = question;
  const candidate = sum(strata.map((one) => one.candidate));
  const stable = before ?? sum(strata.map((one) => one.stable));
  const log = before ? againstBefore(question, before) : compareRates(strata, question.tolerated);
  const pValue = anytimeP(log);
  const bounds = differenceBounds(stable, candidate, alpha);
  const stableInStep = before ? before.requests : question.inStep.stable;
  const isEnough = Math.min(stableInStep, question.inStep.candidate) >= minRequests;
  const fails = pValue <= alpha;
  const seen = `${percent(shareOf(candidate))} of ${countOf(candidate.requests, noun)} ${did}, ${percent(shareOf(stable))} of ${countOf(stable.requests, noun)} of the stable version`;
  return {
    metric,
    stableCount: stable.requests,
    stableValue: shareOf(stable),
    candidateCount: candidate.requests,
    candidateValue: shareOf(candidate),
    statistic: log,
    pValue,
    lowerBound: bounds?.lower ?? null,
    upperBound: bounds?.upper ?? null,
    verdict: fails ? "fail" : isEnough ? "pass" : "hold",
    message: fails
      ? `${seen}: the new version is worse (${inChance(pValue)}).`
      : isEnough
        ? `${seen}: no sign that the new version is worse.`
        : `${seen}: ${countOf(minRequests, noun)} of each are needed in this step.`,
  };
}

/**
 * Without a stable variant beside it, the candidate is held against the most the stable one may have
 * done before, so that an uncertain past accuses nobody.
 */
function againstBefore({ strata, tolerated }: RateQuestion, before: Tally): number {
  const most = upperShare(before);
  const odds = (tolerated * most) / Math.max(1 - most, 1e-9);
  const limit = Math.max(odds / (1 + odds), 1e-6);
  if (limit > 0.99) return 0;
  return guardRate(
    strata.map((one) => one.candidate),
    limit,
  );
}

const sum = (list: readonly Tally[]): Tally =>
  list.reduce(
    (total, one) => ({ requests: total.requests + one.requests, wrong: total.wrong + one.wrong }),
    { requests: 0, wrong: 0 },
  );

const shareOf = ({ requests, wrong }: Tally): number | null =>
  requests > 0 ? wrong / requests : null;
