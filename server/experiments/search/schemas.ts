import { z } from "zod";
import { RUN_STATUSES } from "../constants";
import { AGGREGATES } from "../filter/syntax";
import { entryDto, experimentRef, runId } from "../schemas";

/** Columns of a kind one table may ask for. */
export const COLUMNS_MAX = 1000;

const key = z.string().min(1).max(1000);
const aggregate = z.enum(AGGREGATES).default("last");
const metricColumn = z.object({ key, aggregate });

const experimentIds = z
  .array(experimentRef)
  .max(200)
  .optional()
  .describe("Ids, numbers or names; every experiment if absent.");
const filter = z
  .string()
  .max(20_000)
  .default("")
  .describe("MLflow's filter grammar with OR, NOT, brackets and min, max, best, last of a metric.");
const view = z.enum(["active", "deleted", "all"]).default("active");

export const searchRunTableInput = z.object({
  experimentIds,
  filter,
  orderBy: z
    .array(z.string().max(2000))
    .max(10)
    .default([])
    .describe(
      "Such as `metrics.loss ASC` or `best(metrics.auc) DESC`; the newest first if absent.",
    ),
  view,
  limit: z.int().min(1).max(1000).default(50),
  cursor: z.string().max(200_000).nullish().describe("`nextCursor` of the page before."),
  columns: z
    .object({
      metrics: z.array(metricColumn).max(COLUMNS_MAX).default([]),
      params: z.array(key).max(COLUMNS_MAX).default([]),
      tags: z.array(key).max(COLUMNS_MAX).default([]),
    })
    .prefault({}),
  withTotal: z.boolean().default(false).describe("Count what the filter lets through."),
});

const count = z.object({
  count: z.int(),
  isExact: z.boolean().describe("false: there are more, or the number is estimated."),
});

export const runRowDto = z.object({
  id: z.guid(),
  experimentId: z.guid(),
  experimentNumber: z.int(),
  experimentName: z.string(),
  name: z.string(),
  status: z.enum(RUN_STATUSES),
  userName: z.string(),
  startTime: z.string(),
  endTime: z.string().nullable(),
  deletedAt: z.string().nullable(),
  params: z.array(entryDto),
  tags: z.array(entryDto),
  metrics: z
    .array(
      z.object({
        key: z.string(),
        aggregate: z.enum(AGGREGATES),
        value: z.number().nullable().describe("null: not a number."),
        step: z.int().nullable().describe("The step that has the value."),
      }),
    )
    .describe("In the order of the columns asked for; a run without a metric has no entry."),
});
export type RunRowDto = z.infer<typeof runRowDto>;

export const runTableDto = z.object({
  items: z.array(runRowDto),
  nextCursor: z.string().nullable(),
  total: count.nullable().describe("null unless asked for."),
});
export type RunTableDto = z.infer<typeof runTableDto>;

export const listColumnsInput = z.object({ experimentIds });

const keyCount = z.object({ key: z.string(), runs: z.int().describe("Runs that have it.") });
export const columnsDto = z.object({
  metrics: z.array(keyCount),
  params: z.array(keyCount),
  tags: z.array(keyCount),
  runs: z.int().describe("Runs that are not deleted."),
  isExact: z
    .boolean()
    .describe("false: counts are estimated from the newest and the oldest of many runs."),
});
export type ColumnsDto = z.infer<typeof columnsDto>;

export const GROUP_ATTRIBUTES = ["status", "user_id", "run_name", "experiment"] as const;
const groupKey = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["param", "tag"]), key }),
  z.object({ kind: z.literal("attribute"), key: z.enum(GROUP_ATTRIBUTES) }),
]);

export const groupRunsInput = z.object({
  experimentIds,
  filter,
  view,
  groupBy: z.array(groupKey).min(1).max(5),
  metrics: z.array(metricColumn).max(20).default([]),
});

export const groupsDto = z.object({
  groups: z.array(
    z.object({
      values: z
        .array(z.string().nullable())
        .describe("In the order of groupBy; null: runs without it."),
      runs: z.int(),
      metrics: z.array(
        z.object({
          key: z.string(),
          aggregate: z.enum(AGGREGATES),
          n: z.int().describe("Runs with a finite value."),
          mean: z.number().nullable(),
          standardDeviation: z
            .number()
            .nullable()
            .describe("Of the sample; null below two values."),
          low: z
            .number()
            .nullable()
            .describe("95 % confidence interval of the mean, t distribution."),
          high: z.number().nullable(),
        }),
      ),
    }),
  ),
  isComplete: z.boolean().describe("false: there are smaller groups beyond the first 1,000."),
});
export type GroupsDto = z.infer<typeof groupsDto>;

export const COMPARE_MAX = 200;
export const compareRunsInput = z.object({ runIds: z.array(runId).min(1).max(COMPARE_MAX) });

const differs = z.boolean().describe("Whether two of the runs disagree, one without it too.");
const textRow = z.object({ key: z.string(), values: z.array(z.string().nullable()), differs });
const numbers = z.array(z.number().nullable());
export const comparisonDto = z.object({
  runs: z.array(runRowDto.omit({ params: true, tags: true, metrics: true })),
  params: z.array(textRow).describe("Values in the order of the runs; null: the run has none."),
  tags: z.array(textRow),
  metrics: z.array(
    z.object({
      key: z.string(),
      goal: z.enum(["minimize", "maximize"]),
      last: numbers.describe("null: the run has none, or it is not a number."),
      min: numbers,
      max: numbers,
      differs,
    }),
  ),
});
export type ComparisonDto = z.infer<typeof comparisonDto>;

export const checkFilterInput = z.object({ filter: z.string().max(100_000) });
export const filterCheckDto = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), message: z.string(), position: z.int() }),
]);

export const completeFilterInput = z.object({
  experimentIds,
  filter: z.string().max(20_000),
  position: z.int().min(0).max(20_000).describe("Where the cursor stands, UTF-16 units."),
});
export const completionDto = z.object({
  suggestions: z.array(z.object({ text: z.string(), detail: z.string() })),
  from: z.int().describe("A suggestion replaces the text from here"),
  to: z.int().describe("to here."),
});
export type CompletionDto = z.infer<typeof completionDto>;
