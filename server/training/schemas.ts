import { z } from "zod";
import { pageOf, pageQuery } from "@/server/kernel/paging";
import { algorithmDto, catalog, trainingLimits } from "./catalog";
import { ENVIRONMENT_STATUSES, JOB_STATUSES, PRIORITY_MAX } from "./constants";

const { seed, validationSplit, testSplit } = catalog.limits;

/** The JSON body of `POST /models/{model}/train`. */
export const startTrainingBody = z.strictObject({
  datasetId: z.uuid(),
  target: z.string().min(1).max(500).describe("The column to predict."),
  algorithm: z.string().min(1).max(100).describe("An id of `GET /training-algorithms`."),
  hyperparameters: z.record(z.string().max(200), z.unknown()).default({}),
  validationSplit: z
    .number()
    .default(validationSplit.default)
    .describe("Share of the rows that steers the training."),
  testSplit: z
    .number()
    .default(testSplit.default)
    .describe("Share of the rows that only measures the result."),
  seed: z.number().int().min(seed.min).max(seed.max).default(seed.default),
  version: z.string().trim().min(1).max(100).optional().describe("A name for the new version."),
  description: z.string().max(10_000).default(""),
  priority: z
    .number()
    .int()
    .min(-PRIORITY_MAX)
    .max(PRIORITY_MAX)
    .default(0)
    .describe("Higher goes first; equal ones in the order they came."),
});

export const modelRef = z.object({ model: z.string().min(1).max(200).describe("Id or name.") });
export const startTrainingInput = startTrainingBody.extend(modelRef.shape);
export const startedTraining = z.object({ jobId: z.uuid() });

export const jobRef = z.object({ job: z.uuid("is no id of a training job") });

export const listJobsInput = pageQuery.extend({
  status: z.enum(JOB_STATUSES).optional(),
  model: z.string().min(1).max(200).optional().describe("Id or name of a model."),
  sort: z.enum(["createdAt", "priority"]).default("createdAt"),
});

export const jobDto = z.object({
  id: z.uuid(),
  modelId: z.uuid(),
  modelName: z.string(),
  datasetId: z.uuid(),
  datasetName: z.string(),
  datasetVersion: z.number().int(),
  runId: z.uuid(),
  /** null until the version is registered. */
  versionId: z.uuid().nullable(),
  versionNumber: z.number().int().nullable(),
  algorithm: z.string(),
  task: z.string(),
  target: z.string(),
  hyperparameters: z.record(z.string(), z.unknown()),
  validationSplit: z.number(),
  testSplit: z.number(),
  seed: z.number().int(),
  version: z.string().nullable(),
  description: z.string(),
  priority: z.number().int(),
  status: z.enum(JOB_STATUSES),
  progress: z.number().min(0).max(1),
  /** Why it waits; null when there is nothing to say. */
  message: z.string().nullable(),
  error: z.string().nullable(),
  /** Newest value of each metric of the run; null is not a number. */
  metrics: z.record(z.string(), z.number().nullable()),
  attempt: z.number().int().describe("Starts of the trainer so far."),
  cancelRequested: z.boolean(),
  createdBy: z.string().nullable(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  durationSeconds: z.number().nullable().describe("From first start to end, or to now."),
});
export type JobDto = z.infer<typeof jobDto>;
export const jobPage = pageOf(jobDto);

export const readLogsInput = jobRef.extend({
  offset: z.coerce.number().int().min(0).default(0).describe("Bytes to skip."),
});
export const logsQuery = z.object({
  follow: z.enum(["0", "1", "true", "false"]).optional().describe("1: server-sent events."),
  offset: z.coerce.number().int().min(0).default(0).describe("Bytes to skip."),
});
export const logsDto = z.object({
  text: z.string(),
  /** Where the next read begins, bytes. */
  nextOffset: z.number().int(),
  /** True when nothing will follow. */
  finished: z.boolean(),
});
export type LogsDto = z.infer<typeof logsDto>;

export const algorithmsDto = z.object({
  algorithms: z.array(algorithmDto),
  limits: trainingLimits,
});

export const environmentDto = z.object({
  status: z.enum(ENVIRONMENT_STATUSES),
  progress: z.number().min(0).max(1),
  message: z.string(),
});
export type EnvironmentDto = z.infer<typeof environmentDto>;
