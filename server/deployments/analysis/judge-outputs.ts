import { compareOutputs } from "./compare-outputs";
import { inChance } from "./in-words";
import type { JudgeMetric } from "./judge";

/** Fewer outputs than this of a variant are not compared. */
const OUTPUTS_MIN = 100;

/**
 * Whether the predictions of the candidate are distributed otherwise. A better model predicts
 * otherwise too, so this holds a roll-out by default and takes it back only where that was asked for.
 */
export const judgeOutputs: JudgeMetric = ({ outputs, look }, settings, alpha) => {
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
