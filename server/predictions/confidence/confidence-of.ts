import type { Predictions } from "@/server/protocols/open-inference/codec";
import type { Band } from "./conformal-band";

/** How sure the answers of a request are, as the reply says it. */
export interface Confidence {
  /** Probability of the predicted class, one a row; null where the model answered no number. */
  confidence?: (number | null)[];
  predictionIntervals?: { low: number; high: number; level: number }[];
  confidenceMissing?: string;
}

const NO_RESIDUALS =
  "This version has no residuals of held-out rows (evaluation/curves.json), or fewer than 19.";

/** Of a classification by its probabilities, of a regression by the band of its version. */
export function confidenceOf(
  task: "classification" | "regression",
  { predictions, probabilities }: Predictions,
  band: Band | null,
): Confidence {
  if (task === "classification") {
    if (!probabilities) return { confidenceMissing: "This model gives no probabilities." };
    const shares = predictions.map((one, at) => probabilities[at]?.[String(one)] ?? null);
    return { confidence: shares };
  }
  if (!band) return { confidenceMissing: NO_RESIDUALS };
  const { low, high, level } = band;
  return {
    predictionIntervals: predictions.map((one) => ({
      low: Number(one) + low,
      high: Number(one) + high,
      level,
    })),
  };
}
