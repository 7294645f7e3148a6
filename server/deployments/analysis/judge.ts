import type { RollOutMetric, Verdict } from "../constants";
import type { AnalysisSettings } from "../roll-outs/plan";
import type { Facts } from "./facts";
import { judgeErrorRate } from "./judge-error-rate";
import { judgeErrorShare } from "./judge-error-share";
import { judgeLabels } from "./judge-labels";
import { judgeLatency } from "./judge-latency";
import { judgeOutputs } from "./judge-outputs";

/** What one metric says at one look. Values are shares between 0 and 1, a distance or a mean error. */
export interface Reading {
  metric: RollOutMetric;
  stableCount: number;
  stableValue: number | null;
  candidateCount: number;
  candidateValue: number | null;
  statistic: number | null;
  pValue: number | null;
  lowerBound: number | null;
  upperBound: number | null;
  verdict: Verdict;
  message: string;
}

export type JudgeMetric = (facts: Facts, settings: AnalysisSettings, alpha: number) => Reading;

/** Every metric; one more is one line here and a name in ROLL_OUT_METRICS. */
const METRICS = {
  error_share: judgeErrorShare,
  error_rate: judgeErrorRate,
  latency_p99: judgeLatency,
  outputs: judgeOutputs,
  label_quality: judgeLabels,
} satisfies Record<RollOutMetric, JudgeMetric>;

/** One reading a metric. The metrics share alpha evenly (Bonferroni), so it holds for all of them. */
export function judge(facts: Facts, settings: AnalysisSettings): Reading[] {
  const { label_quality: labels, ...others } = METRICS;
  const metrics = [...Object.values(others), ...(facts.labels ? [labels] : [])];
  return metrics.map((judgeMetric) =>
    judgeMetric(facts, settings, settings.alpha / metrics.length),
  );
}
