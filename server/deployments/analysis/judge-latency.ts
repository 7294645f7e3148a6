import type { Counts } from "./facts";
import type { JudgeMetric } from "./judge";
import { judgeRate } from "./judge-rate";

const slow = (counts: Counts) => ({ requests: counts.timed, wrong: counts.slow });

/**
 * Whether more of the candidate's requests are slower than the p99 the stable variant had before:
 * a comparison of quantiles without a model of latency.
 */
export const judgeLatency: JudgeMetric = (facts, settings, alpha) => {
  const reading = judgeRate({
    metric: "latency_p99",
    strata: facts.strata.map((one) => ({
      stable: slow(one.stable),
      candidate: slow(one.candidate),
    })),
    before: facts.before && slow(facts.before),
    tolerated: settings.slowOddsMax,
    minRequests: settings.minRequests,
    inStep: facts.inStep,
    alpha,
    did: `were slower than ${facts.slowAboveMs === null ? "p99" : `${Number(facts.slowAboveMs.toPrecision(3))} ms`}`,
  });
  if (facts.paired) {
    const message = "Copies are sent behind the replies: how long they take accuses nobody.";
    return { ...reading, verdict: "pass", message };
  }
  if (facts.slowAboveMs !== null) return reading;
  const verdict = reading.verdict === "fail" ? "hold" : reading.verdict;
  return {
    ...reading,
    verdict,
    message: "The stable version has not answered enough requests to know its p99.",
  };
};
