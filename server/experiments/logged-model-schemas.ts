import { z } from "zod";
import { LIMITS, LOGGED_MODEL_STATUSES } from "./constants";
import {
  entryDto,
  experimentRef,
  metricDto,
  paramEntry,
  runId,
  storedText,
  tagEntry,
} from "./schemas";

const params = z.array(paramEntry).max(LIMITS.batchEntries).default([]);
const tags = z.array(tagEntry).max(LIMITS.batchEntries).default([]);

export const createLoggedModelInput = z.object({
  experiment: experimentRef,
  name: storedText(LIMITS.experimentName).optional(),
  modelType: storedText(LIMITS.key).default(""),
  sourceRunId: runId.optional(),
  params,
  tags,
});

/** What changes of a logged model; parameters are written once. */
export const updateLoggedModelInput = z.object({
  status: z.enum(LOGGED_MODEL_STATUSES).optional(),
  params,
  tags,
  deleteTag: storedText(LIMITS.key).optional(),
});

/** A dataset that metrics were measured on; any digest where none is named. */
const metricDataset = z.object({ name: z.string().min(1), digest: z.string().optional() });
export type MetricDataset = z.output<typeof metricDataset>;

const loggedModelOrder = z.object({
  /** `metrics.<key>` or an attribute. */
  field: z.string().min(1).max(2000),
  ascending: z.boolean().default(true),
  datasetName: z.string().optional(),
  datasetDigest: z.string().optional(),
});
export type LoggedModelOrder = z.output<typeof loggedModelOrder>;

export const searchLoggedModelsInput = z.object({
  experimentNumbers: z.array(z.int()).max(10_000),
  filter: z.string().default(""),
  datasets: z.array(metricDataset).max(100).default([]),
  orderBy: z.array(loggedModelOrder).max(20).default([]),
  limit: z.int().min(1).max(1000).default(50),
  cursor: z.string().max(20_000).optional(),
});

export const logOutputsInput = z.object({
  runId,
  models: z.array(z.object({ modelId: runId, step: z.int().default(0) })).max(LIMITS.batchEntries),
});

const loggedModelMetricDto = metricDto.extend({
  runId: z.guid(),
  datasetName: z.string().describe("Empty when the client did not say."),
  datasetDigest: z.string(),
});
export type LoggedModelMetricDto = z.infer<typeof loggedModelMetricDto>;

export const loggedModelDto = z.object({
  id: z.guid(),
  experimentId: z.guid(),
  experimentNumber: z.int(),
  sourceRunId: z.guid().nullable(),
  name: z.string(),
  modelType: z.string(),
  status: z.enum(LOGGED_MODEL_STATUSES),
  params: z.array(entryDto),
  tags: z.array(entryDto),
  metrics: z.array(loggedModelMetricDto).describe("The newest points that name the model."),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type LoggedModelDto = z.infer<typeof loggedModelDto>;
