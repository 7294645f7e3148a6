import { compareOutputs } from "./compare-outputs";
import type { Paired } from "./facts";
import { inChance, percent, requestsOf } from "./in-words";
import type { JudgeMetric, Reading } from "./judge";

/** Fewer outputs than this of a variant are not compared. */
const OUTPUTS_MIN = 100;

/**
 * Whether the predictions of the candidate are distributed otherwise. A better model predicts
 * otherwise too, so this holds a roll-out by default and takes it back only where that was asked for.
 */
export const judgeOutputs: JudgeMetric = ({ outputs, look, paired }, settings, alpha) => {
  if (paired) return compared(paired);
  const [stableCount, candidateCount] = [outputs.stable.length, outputs.candidate.length];
  const isEnough = Math.min(stableCount, candidateCount) >= OUTPUTS_MIN;
  const found = isEnough ? compareOutputs(outputs.stable, outputs.candidate) : null;
  // The k-th look spends alpha / (k (k + 1)): all looks together spend alpha.
  const pValue = found ? Math.min(1, found.pValue * look * (look + 1)) : null;
  const differs =
    found !== null && pValue !== null && pValue <= alpha && found.psi > settings.psiMax;
  const judged = settings.onOutputDrift === "rollback" ? "fail" : "hold";
  const psi = found ? `PSI ${Number(found.psi.toPrecision(2))}` : "";
  return {
    metric: "outputs",
    stableCount,
    stableValue: found ? 0 : null,
    candidateCount,
    candidateValue: found?.psi ?? null,
    statistic: found?.statistic ?? null,
    pValue,
    lowerBound: null,
    upperBound: settings.psiMax,
    verdict: differs && settings.onOutputDrift !== "ignore" ? judged : "pass",
    message: differs
      ? `Its predictions are distributed otherwise (${psi}, ${inChance(pValue)}).`
      : found
        ? `Its predictions are distributed alike (${psi}).`
        : `Predictions are compared from ${OUTPUTS_MIN} logged ones of each version.`,
  };
};

/** Of a shadow every difference is known; what it means a person decides. */
const compared = ({ requests, equal, rows, flips, differenceMax }: Paired): Reading => ({
  metric: "outputs",
  stableCount: requests,
  stableValue: null,
  candidateCount: requests,
  candidateValue: requests > 0 ? 1 - equal / requests : null,
  statistic: differenceMax,
  pValue: null,
  lowerBound: null,
  upperBound: null,
  verdict: "pass",
  message: `${percent(requests > 0 ? equal / requests : null)} of ${requestsOf(requests)} were answered the same, ${percent(rows > 0 ? flips / rows : null)} of the rows with another label; numbers differ by ${Number(differenceMax.toPrecision(3))} at most.`,
});
