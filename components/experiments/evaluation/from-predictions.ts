import type { Table } from "../artifacts/preview-kind";
import type { Classified, Evaluation } from "./evaluation";

const TRUTH = ["truth", "target", "label", "y_true", "actual"];
const PREDICTION = ["prediction", "predictions", "outputs", "y_pred", "predicted"];
const SCORE = ["score", "probability", "probability_1", "y_score"];
/** Different values up to which numbers are taken for classes. */
const CLASSES_MAX = 20;
const BINS = 20;

/**
 * Evaluates a table of predictions a run logged: columns for the truth and the prediction, and for
 * two classes the score of one. undefined when the columns are not there.
 */
export function evaluatePredictions(table: Table): Evaluation | undefined {
  const column = (names: string[]) =>
    table.columns.findIndex((name) => names.includes(name.toLowerCase()));
  const [truthAt, predictionAt, scoreAt] = [column(TRUTH), column(PREDICTION), column(SCORE)];
  if (truthAt < 0 || predictionAt < 0 || table.rows.length === 0) return undefined;
  const pick = (at: number) => table.rows.map((row) => row[at] ?? "");
  const truth = pick(truthAt);
  const prediction = pick(predictionAt);
  const numeric = [...truth, ...prediction].every(
    (cell) => cell !== "" && !Number.isNaN(Number(cell)),
  );
  const classes = [...new Set([...truth, ...prediction])].sort();
  const whole = [...truth, ...prediction].every((cell) => /^-?\d+$/.test(cell));
  if (numeric && !(whole && classes.length <= CLASSES_MAX)) {
    return residualsOf(truth.map(Number), prediction.map(Number));
  }
  if (classes.length > CLASSES_MAX) return undefined;
  const scores = scoreAt < 0 ? undefined : pick(scoreAt).map(Number);
  return classified(classes, truth, prediction, scores);
}

function classified(
  classes: string[],
  truth: string[],
  prediction: string[],
  scores: number[] | undefined,
): Classified {
  const at = new Map(classes.map((name, index) => [name, index]));
  const matrix = classes.map(() => classes.map(() => 0));
  truth.forEach((name, row) => {
    const line = matrix[at.get(name) ?? 0];
    const index = at.get(prediction[row] ?? "") ?? 0;
    if (line) line[index] = (line[index] ?? 0) + 1;
  });
  const usable = classes.length === 2 && scores?.every(Number.isFinite) ? scores : undefined;
  const positive = usable && scoredClass(classes, prediction, usable);
  const curves =
    usable && positive !== undefined
      ? curvesOf(
          positive,
          truth.map((name) => name === positive),
          usable,
        )
      : { roc: [], precisionRecall: [] };
  return { split: "predictions", classes, confusionMatrix: matrix, ...curves };
}

/** The class a score speaks for: the one that is predicted where scores are high. */
function scoredClass(
  classes: string[],
  prediction: string[],
  scores: number[],
): string | undefined {
  const mean = (name: string | undefined) => {
    const own = scores.filter((_, row) => prediction[row] === name);
    return own.reduce((a, b) => a + b, 0) / own.length;
  };
  const [first, second] = classes;
  return mean(first) > mean(second) ? first : second;
}

/** ROC and precision-recall by falling score; equal scores are one point. */
function curvesOf(
  name: string,
  isPositive: boolean[],
  scores: number[],
): Pick<Classified, "roc" | "precisionRecall"> {
  const order = scores.map((score, row) => ({ score, yes: isPositive[row] ?? false }));
  order.sort((a, b) => b.score - a.score);
  const positives = isPositive.filter(Boolean).length;
  const negatives = isPositive.length - positives;
  const roc = { class: name, falsePositiveRate: [0], truePositiveRate: [0], threshold: [1] };
  const recall = { class: name, precision: [1], recall: [0], threshold: [1] };
  let yes = 0;
  order.forEach((one, index) => {
    if (one.yes) yes += 1;
    if (order[index + 1]?.score === one.score) return;
    const said = index + 1;
    roc.falsePositiveRate.push(negatives === 0 ? 0 : (said - yes) / negatives);
    roc.truePositiveRate.push(positives === 0 ? 0 : yes / positives);
    roc.threshold.push(one.score);
    recall.precision.push(yes / said);
    recall.recall.push(positives === 0 ? 0 : yes / positives);
    recall.threshold.push(one.score);
  });
  return { roc: [roc], precisionRecall: [recall] };
}

function residualsOf(truth: number[], prediction: number[]): Evaluation {
  const residuals = truth.map((value, row) => value - (prediction[row] ?? 0));
  const low = residuals.reduce((a, b) => Math.min(a, b));
  const high = residuals.reduce((a, b) => Math.max(a, b));
  const width = (high - low) / BINS || 1;
  const counts = Array.from({ length: BINS }, () => 0);
  for (const value of residuals) {
    const bin = Math.min(BINS - 1, Math.floor((value - low) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const edges = Array.from({ length: BINS + 1 }, (_, i) => low + i * width);
  return {
    split: "predictions",
    residuals: { truth, prediction },
    residualHistogram: { edges, counts },
  };
}
