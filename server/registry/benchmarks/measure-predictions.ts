import type { BenchmarkMetric } from "./constants";

export type Measured = Partial<Record<BenchmarkMetric, number | null>>;

/** Probabilities are clipped here, as scikit-learn's log_loss does for doubles. */
const EPSILON = 2 ** -52;

/**
 * Metrics of classes, as scikit-learn 1.5 defines them. `truth` and `predicted` hold indexes into
 * `classes`, `probabilities` one row of them a sample, or null where the model gives none. Empty
 * input gives nulls.
 */
export function measureClasses(
  truth: readonly number[],
  predicted: readonly number[],
  probabilities: readonly (readonly number[])[] | null,
  classes: number,
): Measured {
  const hits = Array.from({ length: classes }, () => ({ right: 0, truth: 0, predicted: 0 }));
  truth.forEach((one, at) => {
    const other = predicted[at] ?? -1;
    const [own, said] = [hits[one], hits[other]];
    if (own) own.truth += 1;
    if (said) said.predicted += 1;
    if (own && one === other) own.right += 1;
  });
  // Classes that neither occur nor are predicted do not count, as in scikit-learn.
  const seen = hits.filter((one) => one.truth + one.predicted > 0);
  const recall = (one: (typeof hits)[number]) => ratio(one.right, one.truth) ?? 0;
  const precision = (one: (typeof hits)[number]) => ratio(one.right, one.predicted) ?? 0;
  return {
    accuracy: ratio(sum(hits.map(({ right }) => right)), truth.length),
    balanced_accuracy: mean(hits.filter((one) => one.truth > 0).map(recall)),
    precision_macro: mean(seen.map(precision)),
    recall_macro: mean(seen.map(recall)),
    f1_macro: mean(seen.map((one) => ratio(2 * one.right, one.truth + one.predicted) ?? 0)),
    log_loss: probabilities ? logLoss(truth, probabilities) : null,
    roc_auc:
      probabilities && classes === 2
        ? rankingArea(
            truth,
            probabilities.map((row) => row[1] ?? Number.NaN),
          )
        : null,
  };
}

/** Metrics of numbers, as scikit-learn 1.5 defines them; r2 is null for fewer than two rows or a constant truth. */
export function measureNumbers(truth: readonly number[], predicted: readonly number[]): Measured {
  const differences = truth.map((one, at) => one - (predicted[at] ?? Number.NaN));
  const squares = sum(differences.map((one) => one * one));
  const center = mean(truth) ?? 0;
  const deviations = sum(truth.map((one) => (one - center) ** 2));
  const squared = ratio(squares, truth.length);
  return {
    rmse: squared === null ? null : Math.sqrt(squared),
    mae: mean(differences.map(Math.abs)),
    r2: truth.length > 1 && deviations > 0 ? 1 - squares / deviations : null,
    max_error:
      differences.length > 0
        ? differences.reduce((max, one) => Math.max(max, Math.abs(one)), 0)
        : null,
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
const mean = (values: readonly number[]): number | null => ratio(sum(values), values.length);

function logLoss(
  truth: readonly number[],
  probabilities: readonly (readonly number[])[],
): number | null {
  return mean(
    truth.map((one, at) => {
      const row = probabilities[at] ?? [];
      const share = (row[one] ?? 0) / (sum(row) || 1);
      return -Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, share)));
    }),
  );
}

/** Mann and Whitney's U over its maximum, ties counted half; null when a class is missing. */
function rankingArea(truth: readonly number[], scores: readonly number[]): number | null {
  const order = scores.map((score, at) => ({ score, positive: truth[at] === 1 }));
  order.sort((a, b) => a.score - b.score);
  const positives = order.filter(({ positive }) => positive).length;
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return null;
  let ranks = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && order[end]?.score === order[start]?.score) end += 1;
    const rank = (start + 1 + end) / 2;
    for (let at = start; at < end; at += 1) if (order[at]?.positive) ranks += rank;
    // NaN equals nothing: it stands alone.
    start = Math.max(end, start + 1);
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}
