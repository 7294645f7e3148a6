import { z } from "zod";
import { VARIANT_ROLES } from "../constants";

/** 90 days. */
const RANGE_MINUTES_MAX = 129_600;
const MINUTES = { m: 1, h: 60, d: 1_440 } as const;

/** "15m", "24h" or "7d" as minutes. */
const timeRange = z
  .string()
  .regex(
    /^[1-9]\d{0,5}[mhd]$/,
    "must be a number of minutes, hours or days, such as 15m, 24h or 7d",
  )
  .refine((text) => minutesOf(text) <= RANGE_MINUTES_MAX, "may be 90d at most");

function minutesOf(text: string): number {
  return Number.parseInt(text, 10) * (MINUTES[text.at(-1) as keyof typeof MINUTES] ?? 0);
}

export const metricsQuery = z.object({
  timeRange: timeRange.optional().describe("How far back: 15m, 24h, 7d. Goes before rangeMinutes."),
  rangeMinutes: z.coerce.number().int().min(1).max(RANGE_MINUTES_MAX).default(60),
});
export const metricsInput = metricsQuery.extend({ deployment: z.string().min(1).max(128) });

/** The asked range in minutes. */
export const rangeMinutesOf = (query: z.output<typeof metricsQuery>): number =>
  query.timeRange === undefined ? query.rangeMinutes : minutesOf(query.timeRange);

const milliseconds = z.number().nullable();

const counts = z.object({
  requests: z.int(),
  /** Replies of status 500 and above. */
  errors: z.int(),
  /** Percentiles are read from buckets a fourth of an octave wide. */
  p50Ms: milliseconds,
  p95Ms: milliseconds,
  p99Ms: milliseconds,
});

/** Every bucket of the range, oldest first; percentiles are null where nothing was asked. */
const series = z.array(counts.extend({ at: z.string() }));

const sums = z.object({
  /** Replies of status 400 to 499. */
  refused: z.int(),
  /** Rows of all requests. */
  rows: z.int(),
  /** Requests that the gateway's cache answered. */
  cacheHits: z.int(),
  /** Requests a second, over the whole range. */
  requestRate: z.number(),
  /** Share of replies with status 500 and above, 0 to 1. */
  errorRate: z.number(),
  meanMs: milliseconds,
  /** Of answered requests: waiting in the node, and inside the model. */
  meanQueueMs: milliseconds,
  meanComputeMs: milliseconds,
});

/** How good the predictions of the range were, by the outcomes told so far. */
const quality = z.object({
  /** Predictions, one a row, whose outcome is known and whose log row was kept. */
  outcomes: z.int(),
  /** Share of equal labels; null for regressions. */
  accuracy: z.number().nullable(),
  /** Mean absolute and root mean square error; null for classifications. */
  mae: z.number().nullable(),
  rmse: z.number().nullable(),
});

const batchRows = z.object({
  rows: z.int().describe("Rows with an answer."),
  failed: z.int().describe("Rows that got none."),
});

/** The lane of batch jobs: rows, not requests, so in none of the figures beside it. */
const batch = batchRows.extend({
  /** By version, as each job keeps the one it was made with. */
  versions: z.array(batchRows.extend({ versionId: z.uuid(), versionNumber: z.int() })),
  series: z.array(batchRows.extend({ at: z.string() })),
});

export const metricsDto = counts.extend(sums.shape).extend({
  rangeMinutes: z.int(),
  /** Length of one point of the series, seconds. */
  bucketSeconds: z.int(),
  series,
  batch: batch.describe(
    "Rows that batch jobs of the deployment went through, by their checkpoints.",
  ),
  /** Each variant that answered or is there to, oldest first. */
  variants: z.array(
    counts.extend(sums.shape).extend({
      /** null: requests that failed before a variant was chosen. */
      variantId: z.uuid().nullable(),
      name: z.string().nullable(),
      role: z.enum(VARIANT_ROLES).nullable(),
      versionId: z.uuid().nullable(),
      versionNumber: z.int().nullable(),
      quality: quality.nullable(),
      series,
    }),
  ),
});
export type MetricsDto = z.infer<typeof metricsDto>;
export type Quality = z.infer<typeof quality>;
