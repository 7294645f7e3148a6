import { z } from "zod";
import { ROWS_MAX, UNIT_CHARS_MAX } from "./constants";

const featureRow = z.record(z.string(), z.unknown()).describe("Feature name to value.");

/** What the wire accepts; the gateway checks it by hand and against the version's signature. */
export const predictBody = z.object({
  input: featureRow.optional().describe("One row; excludes `inputs`."),
  inputs: z.array(featureRow).min(1).max(ROWS_MAX).optional().describe("Several rows."),
  options: z
    .object({
      includeConfidence: z
        .boolean()
        .optional()
        .describe(
          "true adds `confidence`, or `predictionIntervals` for a regression; false leaves `probabilities` out.",
        ),
      includeFeatureImportance: z
        .boolean()
        .optional()
        .describe(
          "true adds `featureImportance`: how much each feature moved the prediction, for ten rows at most.",
        ),
      unit: z
        .string()
        .min(1)
        .max(UNIT_CHARS_MAX)
        .optional()
        .describe("Whom the request is about: a deployment split by unit keeps its answers alike."),
    })
    .optional(),
});

const deploymentRef = z.string().min(1).max(128);
const modelRef = z.string().min(1).max(200);
export const predictDeploymentParams = z.object({ deployment: deploymentRef });
export const predictModelParams = z.object({ model: modelRef });

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const predictReply = z.object({
  /** One a row. */
  predictions: z.array(value),
  /** Classification: class to probability, one object a row. */
  probabilities: z.array(z.record(z.string(), z.number().nullable())).optional(),
  /** Probability of the predicted class, one a row. */
  confidence: z.array(z.number().nullable()).optional(),
  /** Regression: where the truth lies with the probability `level`, one a row. */
  predictionIntervals: z
    .array(z.object({ low: z.number().nullable(), high: z.number().nullable(), level: z.number() }))
    .optional(),
  confidenceMissing: z
    .string()
    .optional()
    .describe("Why there is no confidence, though asked for."),
  /** Shapley values, one entry a row, when asked for. */
  featureImportance: z
    .array(
      z.object({
        base: z.number().describe("The answer where no feature is known."),
        contributions: z
          .record(z.string(), z.number())
          .describe("Feature to contribution; with `base` they add up to what is explained."),
        standardError: z
          .record(z.string(), z.number())
          .optional()
          .describe("Sampled: feature to the standard error of its contribution."),
        class: z.string().optional().describe("The class that is explained: the predicted one."),
        method: z
          .enum(["exact", "sampled"])
          .describe(
            "exact: trees and linear models read from the version's graph, and models of few features; sampled: from drawn orders of the features.",
          ),
        space: z
          .enum(["prediction", "probability", "log_odds", "score", "log"])
          .describe(
            "What base and contributions add up to: the prediction, the probability of `class`, its log-odds, its score before the softmax, or the logarithm of the prediction.",
          ),
        background: z
          .enum(["profile", "signature"])
          .describe("Where typical values of missing features came from."),
      }),
    )
    .optional(),
  modelVersion: z.int(),
  deploymentId: z.uuid(),
  requestId: z.uuid(),
  latencyMs: z.number(),
});
export type PredictReply = z.infer<typeof predictReply>;

/** For callers inside the product: what REST takes, and where it goes. */
export const predictInput = z.object({
  deployment: deploymentRef.optional(),
  model: modelRef.optional(),
  input: z.unknown().optional(),
  inputs: z.unknown().optional(),
  options: z.unknown().optional(),
});
