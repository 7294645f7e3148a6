import { z } from "zod";
import { pageOf, pageQuery } from "@/server/kernel/paging";
import { LIMITS, MAX_TIME_MS, RUN_STATUSES } from "./constants";
import { artifactPathProblem } from "./entry-names";
import { entryKey, metricDto, metricEntries, metricEntry } from "./metric-schemas";

export { type MetricDto, metricDto, metricPointPage } from "./metric-schemas";

/** Text a Postgres column can hold: anything but NUL. */
export const storedText = (max: number) =>
  z
    .string()
    .max(max, `exceeds the maximum length of ${max} characters`)
    .refine((text) => !text.includes("\0"), "may not hold a NUL character");

export const artifactPath = z.string().superRefine((path, issues) => {
  const problem = artifactPathProblem(path);
  if (problem) issues.addIssue({ code: "custom", message: problem });
});

/** Whole milliseconds since the epoch. */
export const timeMs = z.int().min(0).max(MAX_TIME_MS);

export const paramEntry = z.object({ key: entryKey, value: storedText(LIMITS.paramValue) });
export const tagEntry = z.object({ key: entryKey, value: storedText(LIMITS.tagValue) });
const experimentTagEntry = z.object({
  key: entryKey,
  value: storedText(LIMITS.experimentTagValue),
});
export type Entry = { key: string; value: string };

/** `name` becomes a path segment in no place, so anything readable is good. */
export const experimentName = storedText(LIMITS.experimentName).trim().min(1);

export const createExperimentInput = z.strictObject({
  name: experimentName,
  description: storedText(10_000).default(""),
  tags: z.array(experimentTagEntry).max(LIMITS.batchTags).default([]),
});

/** `experiment` is an id, a number or a name. */
export const experimentRef = z.string().min(1).max(LIMITS.experimentName);

export const updateExperimentInput = z.strictObject({
  name: experimentName.optional(),
  description: storedText(10_000).optional(),
});

export const experimentTagInput = z.object({
  experiment: experimentRef,
  key: entryKey,
  value: storedText(LIMITS.experimentTagValue),
});

const view = z.enum(["active", "deleted", "all"]).default("active");

export const listExperimentsInput = pageQuery.extend({
  search: z.string().trim().max(200).optional().describe("Part of the name."),
  view: view.describe("Deleted experiments keep their name and can be restored."),
  sort: z.enum(["createdAt", "updatedAt", "name"]).default("createdAt"),
});

export const experimentDto = z.object({
  id: z.guid(),
  number: z.int().describe("The experiment id MLflow clients see."),
  name: z.string(),
  description: z.string(),
  tags: z.array(z.object({ key: z.string(), value: z.string() })),
  runCount: z.int().describe("Runs that are not deleted."),
  lastRunAt: z.string().nullable().describe("Start of the newest run."),
  createdBy: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
  deletedAt: z.string().nullable(),
});
export type ExperimentDto = z.infer<typeof experimentDto>;
export const experimentPage = pageOf(experimentDto);

export const purgedExperiment = z.object({
  id: z.uuid(),
  runs: z.int().describe("Runs that went with it."),
});

const newRun = {
  name: storedText(LIMITS.runName).optional(),
  userName: storedText(LIMITS.userName).optional(),
  startTime: timeMs.optional().describe("Milliseconds since the epoch; now if absent."),
  tags: z.array(tagEntry).max(LIMITS.batchEntries).default([]),
};

/** A run of an experiment that the address names. */
export const startRunInput = z.strictObject(newRun);

export const createRunInput = z
  .strictObject({
    experimentId: experimentRef
      .optional()
      .describe("Id or number; the default experiment if absent."),
    experimentName: experimentName.optional().describe("Made when there is none of that name."),
    ...newRun,
  })
  .refine((input) => !(input.experimentId && input.experimentName), {
    message: "Send experimentId or experimentName, not both",
  });

export const updateRunInput = z.strictObject({
  name: storedText(LIMITS.runName).optional(),
  status: z.enum(RUN_STATUSES).optional(),
  endTime: timeMs.optional().describe("Milliseconds since the epoch."),
});

export const runSort = z.enum(["startTime", "name", "metric"]);

export const listRunsInput = pageQuery.extend({
  experiment: experimentRef.optional().describe("Id, number or name of an experiment."),
  status: z.enum(RUN_STATUSES).optional(),
  search: z.string().trim().max(200).optional().describe("Part of the run's name."),
  view,
  sort: runSort.default("startTime"),
  metric: z.string().max(LIMITS.key).optional().describe("The metric to sort by."),
});

export const entryDto = z.object({ key: z.string(), value: z.string() });

export const runDto = z.object({
  id: z.guid(),
  experimentId: z.guid(),
  experimentNumber: z.int(),
  experimentName: z.string(),
  name: z.string(),
  status: z.enum(RUN_STATUSES),
  userName: z.string(),
  startTime: z.string(),
  endTime: z.string().nullable(),
  params: z.array(entryDto),
  tags: z.array(entryDto),
  metrics: z.array(metricDto).describe("The newest value of each metric."),
  deletedAt: z.string().nullable(),
});
export type RunDto = z.infer<typeof runDto>;
export const runPage = pageOf(runDto);

export const runInputDto = z.object({
  name: z.string(),
  digest: z.string(),
  sourceType: z.string(),
  source: z.string(),
  schema: z.string().nullable(),
  profile: z.string().nullable(),
  context: z.string(),
  tags: z.array(entryDto),
});

const runModelDto = z.object({ modelId: z.guid(), step: z.int() });

export const runDetailDto = runDto.extend({
  inputs: z.array(runInputDto),
  modelInputs: z.array(runModelDto),
  modelOutputs: z.array(runModelDto),
  counts: z.object({
    params: z.int(),
    tags: z.int(),
    metrics: z.int(),
    artifacts: z.int(),
  }),
});
export type RunDetailDto = z.infer<typeof runDetailDto>;

export const runId = z.string().min(1).max(256);

/** A point that says which logged model it measures, and on what. */
const modelMetricEntry = metricEntry.extend({
  modelId: z.string().min(1).max(256),
  datasetName: storedText(LIMITS.datasetName).default(""),
  datasetDigest: storedText(LIMITS.datasetDigest).default(""),
});

export const logBatchInput = z
  .object({
    runId,
    /** Those of `metrics` that measure a model. */
    modelMetrics: z.array(modelMetricEntry).max(LIMITS.batchMetrics).default([]),
    metrics: metricEntries.default([]),
    params: z.array(paramEntry).default([]),
    tags: z.array(tagEntry).default([]),
  })
  .superRefine((batch, issues) => {
    const counts: [string, number, number][] = [
      ["metrics", batch.metrics.length, LIMITS.batchMetrics],
      ["params", batch.params.length, LIMITS.batchParams],
      ["tags", batch.tags.length, LIMITS.batchTags],
      [
        "metrics, params, and tags",
        batch.metrics.length + batch.params.length + batch.tags.length,
        LIMITS.batchEntries,
      ],
    ];
    for (const [what, count, limit] of counts) {
      if (count <= limit) continue;
      issues.addIssue({
        code: "custom",
        message: `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
      });
      return;
    }
  });

export const setTagInput = tagEntry.extend({ runId });
export const deleteTagInput = z.object({ runId, key: z.string().max(LIMITS.key) });

const datasetInput = z.object({
  name: storedText(LIMITS.datasetName).min(1),
  digest: storedText(LIMITS.datasetDigest).min(1),
  sourceType: storedText(LIMITS.key),
  source: storedText(LIMITS.datasetSource),
  schema: storedText(LIMITS.datasetSchema).nullable().default(null),
  profile: storedText(LIMITS.datasetProfile).nullable().default(null),
  tags: z
    .array(
      z.object({
        key: storedText(LIMITS.inputTagKey).min(1),
        value: storedText(LIMITS.inputTagValue),
      }),
    )
    .max(LIMITS.batchTags)
    .default([]),
});

export const logInputsInput = z.object({
  runId,
  datasets: z.array(datasetInput).max(LIMITS.datasetsPerBatch).default([]),
  modelIds: z.array(z.string().max(256)).max(LIMITS.batchEntries).default([]),
});

/** A part of a series, both ends included: steps, or milliseconds since the epoch. */
export const metricWindow = z
  .object({ axis: z.enum(["step", "time"]), from: z.int(), to: z.int() })
  .refine(({ from, to }) => from <= to, { message: "may not end before it begins", path: ["to"] });
export type MetricWindow = z.infer<typeof metricWindow>;

export const metricHistoryInput = z.object({
  runId,
  keys: z.array(z.string().min(1).max(LIMITS.key)).min(1).max(LIMITS.historyKeys),
  maxPoints: z
    .int()
    .min(10)
    .max(LIMITS.historyPage)
    .default(1000)
    .describe("A longer series keeps the lowest and highest point of each stretch."),
  window: metricWindow.optional().describe("Points outside are left out; all if absent."),
});

export const metricHistoryDto = z.object({
  series: z.array(
    z.object({
      key: z.string(),
      totalPoints: z.int().describe("Of the whole series, whatever window was asked for."),
      sampled: z.boolean().describe("Whether there are more points than these."),
      firstTimestamp: z.number().nullable().describe("When its earliest point was, milliseconds."),
      points: z.array(
        z.object({
          step: z.number(),
          timestamp: z.number(),
          value: z.number().nullable().describe("null: not a number."),
        }),
      ),
    }),
  ),
});
export type MetricHistoryDto = z.infer<typeof metricHistoryDto>;

export const artifactEntryDto = z.object({
  path: z.string().describe("Relative to the run's artifacts."),
  isDirectory: z.boolean(),
  sizeBytes: z.int().nullable().describe("null for a folder."),
  sha256: z.string().nullable(),
});
export const artifactListDto = z.object({ items: z.array(artifactEntryDto) });
export type ArtifactListDto = z.infer<typeof artifactListDto>;
