import { addCounts } from "./facts";
import { guardRate } from "./guard-rate";
import { inChance, percent, requestsOf } from "./in-words";
import type { JudgeMetric } from "./judge";
import { anytimeP } from "./rate-odds";

/** The guardrail: whatever the stable variant does, no more than this share may fail. */
export const judgeErrorShare: JudgeMetric = ({ strata }, { errorShareMax }, alpha) => {
  const candidate = addCounts(strata.map((one) => one.candidate));
  const stable = addCounts(strata.map((one) => one.stable));
  const log = guardRate(
    strata.map((one) => ({ requests: one.candidate.requests, wrong: one.candidate.errors })),
    errorShareMax,
  );
  const pValue = anytimeP(log);
  const share = candidate.requests > 0 ? candidate.errors / candidate.requests : null;
  const fails = pValue <= alpha;
  const seen = `${percent(share)} of ${requestsOf(candidate.requests)} failed`;
  return {
    metric: "error_share",
    stableCount: stable.requests,
    stableValue: stable.requests > 0 ? stable.errors / stable.requests : null,
    candidateCount: candidate.requests,
    candidateValue: share,
    statistic: log,
    pValue,
    lowerBound: null,
    upperBound: errorShareMax,
    verdict: fails ? "fail" : candidate.requests === 0 ? "hold" : "pass",
    message: fails
      ? `${seen}; more than ${percent(errorShareMax)} do (${inChance(pValue)}).`
      : `${seen}; the limit is ${percent(errorShareMax)}.`,
  };
};
