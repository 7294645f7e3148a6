import { z } from "zod";

const numbers = z.array(z.number());
const classValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** What a run logged as evaluation/curves.json about rows its model never saw. */
export const evaluation = z.union([
  z.object({
    split: z.string(),
    classes: z.array(classValue).min(1),
    /** Rows are true classes, columns predicted ones. */
    confusionMatrix: z.array(numbers),
    roc: z.array(
      z.object({
        class: classValue,
        falsePositiveRate: numbers,
        truePositiveRate: numbers,
        threshold: numbers,
      }),
    ),
    precisionRecall: z.array(
      z.object({ class: classValue, precision: numbers, recall: numbers, threshold: numbers }),
    ),
  }),
  z.object({
    split: z.string(),
    residuals: z.object({ truth: numbers, prediction: numbers }),
    residualHistogram: z.object({ edges: numbers, counts: numbers }),
  }),
]);
export type Evaluation = z.infer<typeof evaluation>;
export type Classified = Extract<Evaluation, { confusionMatrix: number[][] }>;
export type Regressed = Extract<Evaluation, { residuals: unknown }>;

/** Area under a curve of ascending x by trapezoids; scikit-learn's `auc`. */
export function areaUnder(x: readonly number[], y: readonly number[]): number {
  let area = 0;
  for (let at = 1; at < x.length; at += 1) {
    area += (((y[at] ?? 0) + (y[at - 1] ?? 0)) / 2) * ((x[at] ?? 0) - (x[at - 1] ?? 0));
  }
  return Math.abs(area);
}

export interface AtThreshold {
  truePositive: number;
  falsePositive: number;
  trueNegative: number;
  falseNegative: number;
  precision: number | null;
  recall: number | null;
  f1: number | null;
  accuracy: number;
}

/** Counts and scores of a class when every score from the threshold on says yes. */
export function atThreshold(
  roc: Classified["roc"][number],
  threshold: number,
  positives: number,
  negatives: number,
): AtThreshold {
  // Thresholds fall along the curve: the last point at or above the asked one is the state there.
  let index = 0;
  for (let at = 0; at < roc.threshold.length; at += 1) {
    if ((roc.threshold[at] ?? 0) >= threshold) index = at;
  }
  // scikit-learn starts with a point no score reaches.
  const none = (roc.threshold[0] ?? 1) < threshold;
  const truePositive = none ? 0 : Math.round((roc.truePositiveRate[index] ?? 0) * positives);
  const falsePositive = none ? 0 : Math.round((roc.falsePositiveRate[index] ?? 0) * negatives);
  const falseNegative = positives - truePositive;
  const trueNegative = negatives - falsePositive;
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  const precision = share(truePositive, truePositive + falsePositive);
  const recall = share(truePositive, positives);
  return {
    truePositive,
    falsePositive,
    trueNegative,
    falseNegative,
    precision,
    recall,
    f1: share(2 * truePositive, 2 * truePositive + falsePositive + falseNegative),
    accuracy: share(truePositive + trueNegative, positives + negatives) ?? 0,
  };
}

/** Rows of each true class: the sums of the matrix's rows. */
export const supportOf = (matrix: readonly number[][]): number[] =>
  matrix.map((row) => row.reduce((a, b) => a + b, 0));
