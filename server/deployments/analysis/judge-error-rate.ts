import type { Counts } from "./facts";
import type { JudgeMetric } from "./judge";
import { judgeRate } from "./judge-rate";

const failed = (counts: Counts) => ({ requests: counts.requests, wrong: counts.errors });

/** Whether more of the candidate's requests fail. */
export const judgeErrorRate: JudgeMetric = (facts, settings, alpha) =>
  judgeRate({
    metric: "error_rate",
    strata: facts.strata.map((one) => ({
      stable: failed(one.stable),
      candidate: failed(one.candidate),
    })),
    before: facts.before && failed(facts.before),
    tolerated: settings.errorOddsMax,
    minRequests: settings.minRequests,
    inStep: facts.inStep,
    alpha,
    did: "failed",
  });
