import { z } from "zod";
import { datasetName } from "@/server/datasets/schemas";
import { pageOf, pageQuery } from "@/server/kernel/paging";
import { predictDeploymentParams } from "../schemas";
import { BATCH_JOB_STATUSES, COLUMNS_MAX, MAX_ERRORS_MAX } from "./constants";

export const batchJobBody = z.strictObject({
  dataset: z.string().min(1).max(200).describe("Id, or name for its newest version."),
  columns: z
    .union([z.literal("all"), z.array(z.string().min(1).max(256)).max(COLUMNS_MAX)])
    .default([])
    .describe("Columns of the dataset that the result repeats, besides the number of the row."),
  probabilities: z
    .boolean()
    .default(true)
    .describe("A column for the probability of each class, up to 100 classes."),
  onError: z
    .enum(["skip", "fail"])
    .default("skip")
    .describe(
      "What a row does that gets no answer: its reason takes the answer's place, or it ends the job.",
    ),
  maxErrors: z
    .int()
    .min(0)
    .max(MAX_ERRORS_MAX)
    .optional()
    .describe(
      "More rows without an answer than this fail the job. With `maxErrorShare` the larger of both holds; without either 1 % of the rows, 100 at least.",
    ),
  maxErrorShare: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("The same as a share of all rows, 0 to 1."),
});

export const versionParams = z.object({
  model: z.string().min(1).max(200).describe("Id or name."),
  version: z.string().min(1).max(200).describe("Number, id, `latest` or `@alias`."),
});

export const createForDeploymentInput = batchJobBody.extend(predictDeploymentParams.shape);
export const createForVersionInput = batchJobBody.extend(versionParams.shape);
/** Either of both, for callers that choose. */
export const createBatchJobInput = z.union([createForDeploymentInput, createForVersionInput]);

export const batchJobRef = z.object({ batchJob: z.uuid("is no id of a batch job") });

export const listBatchJobsInput = pageQuery.extend({
  status: z.enum(BATCH_JOB_STATUSES).optional(),
  deployment: z.uuid().optional().describe("Id of a deployment."),
  model: z.uuid().optional().describe("Id of a model."),
});

export const batchJobDto = z.object({
  id: z.uuid(),
  status: z.enum(BATCH_JOB_STATUSES),
  /** null where a version was named. */
  deploymentId: z.uuid().nullable(),
  deploymentName: z.string().nullable(),
  modelId: z.uuid(),
  modelName: z.string(),
  versionId: z.uuid(),
  versionNumber: z.int(),
  datasetId: z.uuid(),
  datasetName: z.string(),
  datasetVersion: z.int(),
  columns: z.array(z.string()),
  probabilities: z.boolean(),
  onError: z.enum(["skip", "fail"]),
  maxErrors: z.int().describe("Rows without an answer that it bears; more fail it."),
  rowsTotal: z.int(),
  rowsRead: z.int().describe("Rows behind the last checkpoint, with and without an answer."),
  rowsDone: z.int().describe("Rows with an answer."),
  rowsFailed: z.int().describe("Rows without one; the result has the reason of each."),
  progress: z.number().min(0).max(1),
  rowsPerSecond: z.number().nullable().describe("Over the time it worked; null before a start."),
  secondsLeft: z.number().nullable().describe("At that speed; null where it is not running."),
  /** Why it waits; null when there is nothing to say. */
  message: z.string().nullable(),
  error: z.string().nullable(),
  attempt: z.int().describe("Starts so far."),
  /** null until the job is completed, and once the result is gone. */
  resultBytes: z.int().nullable(),
  resultExpiredAt: z.string().nullable().describe("When retention took the result away."),
  createdBy: z.string().nullable(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
});
export type BatchJobDto = z.infer<typeof batchJobDto>;
export const batchJobPage = pageOf(batchJobDto);

export const listBatchErrorsInput = batchJobRef.extend({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().max(500).optional().describe("`nextCursor` of the page before."),
});
export const batchErrorsQuery = listBatchErrorsInput.omit({ batchJob: true });
export const batchErrorPage = pageOf(
  z.object({ row: z.int().describe("From 1."), message: z.string() }),
);
export type BatchErrorPage = z.infer<typeof batchErrorPage>;

const cell = z.union([z.string(), z.number(), z.boolean()]).nullable();
export const batchPreview = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(cell)).describe("Cells in the order of the columns."),
});
export type BatchPreview = z.infer<typeof batchPreview>;

export const batchResultQuery = z.object({ format: z.enum(["parquet", "csv"]).default("parquet") });

export const saveResultBody = z.strictObject({
  name: datasetName,
  description: z.string().max(10_000).default(""),
});
export const saveResultInput = saveResultBody.extend(batchJobRef.shape);
