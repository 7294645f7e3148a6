import { z } from "zod";
import { ROWS_MAX } from "../constants";
import { predictDeploymentParams, predictReply } from "../schemas";

/** Rows of one batch call; more are several calls. */
export const BATCH_ROWS_MAX = 10_000;
/** Bytes of the JSON body of a batch call. */
export const BATCH_BYTES_MAX = 64 * 1024 * 1024;
/** Columns a table may have. */
const COLUMNS_MAX = 10_000;

const options = z.strictObject({
  batchSize: z
    .int()
    .min(1)
    .max(ROWS_MAX)
    .default(250)
    .describe("Rows of one request to the deployment."),
  parallel: z
    .int()
    .min(1)
    .max(16)
    .default(4)
    .describe("Requests to the deployment at the same time."),
  includeConfidence: z.boolean().optional(),
});

export const batchPredictBody = z
  .strictObject({
    inputs: z
      .array(z.record(z.string(), z.unknown()))
      .min(1)
      .max(BATCH_ROWS_MAX)
      .optional()
      .describe("Rows, each feature name to value; excludes `columns` and `rows`."),
    columns: z.array(z.string()).min(1).max(COLUMNS_MAX).optional().describe("Feature names."),
    rows: z
      .array(z.array(z.unknown()))
      .min(1)
      .max(BATCH_ROWS_MAX)
      .optional()
      .describe("Values in the order of `columns`: shorter, and not bound by the limit of keys."),
    options: options.prefault({}),
  })
  .superRefine(({ inputs, columns, rows }, issues) => {
    if (inputs ? columns || rows : !columns || !rows) {
      issues.addIssue({ code: "custom", message: "Send inputs, or columns and rows" });
    }
    const at = columns ? (rows ?? []).findIndex((row) => row.length !== columns.length) : -1;
    if (at < 0) return;
    const message = `must hold ${columns?.length} values, one a column`;
    issues.addIssue({ code: "custom", path: ["rows", at], message });
  });

export const batchPredictInput = batchPredictBody.safeExtend(predictDeploymentParams.shape);

export const batchPredictReply = predictReply
  .pick({
    predictions: true,
    probabilities: true,
    confidence: true,
    predictionIntervals: true,
    confidenceMissing: true,
    deploymentId: true,
  })
  .extend({
    latencyMs: z.number(),
    batches: z
      .array(
        z.object({
          from: z.int().describe("Number of its first row, from 0."),
          rows: z.int(),
          requestId: z.uuid().describe("As the prediction log has it."),
          modelVersion: z.int(),
          latencyMs: z.number(),
        }),
      )
      .describe("Where the deployment is split, each may have been answered by another version."),
  });
export type BatchPredictReply = z.infer<typeof batchPredictReply>;
