import { z } from "zod";
import { pageOf, pageQuery } from "@/server/kernel/paging";
import { unreadDay } from "../archives/unread-days";

export const LOG_LANES = ["rest", "v2", "grpc", "batch"] as const;
export const LOG_STATUSES = ["ok", "error", "refused", "failed"] as const;

const instant = z.iso.datetime({ offset: true });
const flag = z.union([z.boolean(), z.stringbool()]);

/** What narrows the log; everything that is given must fit. */
const filters = z.object({
  from: instant.optional().describe("Requests answered at or after this time."),
  to: instant.optional().describe("Requests answered before this time."),
  variant: z.string().min(1).max(128).optional().describe("Id or name of a variant."),
  version: z.coerce.number().int().min(1).max(2_147_483_647).optional().describe("Number."),
  status: z
    .enum(LOG_STATUSES)
    .optional()
    .describe("ok: answered; refused: 400 to 499; failed: 500 and above; error: both."),
  lane: z.enum(LOG_LANES).optional().describe("The way the request came in."),
  latencyAboveMs: z.coerce.number().min(0).max(1e6).optional(),
  unit: z.string().min(1).max(256).optional().describe("Whom the prediction was for."),
  feature: z.string().min(1).max(500).optional().describe("With `value`: a feature of any row."),
  value: z.string().max(1_000).optional().describe("Value of `feature`, of any type."),
  hasOutcome: flag.optional().describe("Whether it is known what came of it."),
  pinned: flag
    .optional()
    .describe("Whether the caller chose the variant, by version or by an override."),
  requestId: z.uuid().optional(),
});

const deploymentRef = z.string().min(1).max(128);

/** Of one deployment, which stands in the path. */
export const deploymentPredictionsQuery = pageQuery.extend(filters.shape);
export const listPredictionsInput = deploymentPredictionsQuery.extend({
  deployment: deploymentRef.optional().describe("Id or name; all of the workspace if absent."),
});
export type LogQuery = z.output<typeof listPredictionsInput>;

export const exportPredictionsInput = filters.extend({
  deployment: deploymentRef.optional(),
  format: z.enum(["csv", "parquet"]).default("csv"),
});

export const getPredictionInput = z.object({ requestId: z.uuid() });

export const predictionLogDto = z.object({
  requestId: z.uuid(),
  at: z.string(),
  deploymentId: z.uuid(),
  deploymentName: z.string().nullable(),
  variantId: z.uuid().nullable(),
  variantName: z.string().nullable(),
  versionId: z.uuid().nullable(),
  versionNumber: z.int().nullable(),
  status: z.int(),
  rows: z.int(),
  lane: z.enum(LOG_LANES),
  /** Whom or what the prediction was for. */
  unit: z.string().nullable(),
  /** Rows of feature values, in lists the first 20; null where the request was refused. */
  inputs: z.unknown(),
  outputs: z
    .unknown()
    .describe(
      "{ predictions, probabilities?, predictionIntervals? }; intervals of a regression where the request asked how sure it is.",
    ),
  confidence: z
    .number()
    .nullable()
    .describe(
      "Classification: probability of the predicted class, of the least certain row. null for regressions and where probabilities are not known.",
    ),
  error: z.string().nullable(),
  latencyMs: z.number(),
  /** From the gateway to the node and back. */
  nodeMs: z.number().nullable(),
  queueMs: z.number().nullable(),
  computeMs: z.number().nullable(),
  /** Rows of all requests that ran in the same call of the model. */
  batchRows: z.int().nullable(),
  isCached: z.boolean(),
  isPinned: z.boolean().describe("Whether the caller chose the variant."),
  traceId: z.string().nullable(),
  /** One true value a row, and when it happened; null while nobody told. */
  outcome: z.array(z.unknown()).nullable(),
  outcomeAt: z.string().nullable(),
});
export type PredictionLogDto = z.infer<typeof predictionLogDto>;

export const logPage = pageOf(predictionLogDto).extend({
  unread: z
    .array(unreadDay)
    .describe("Days of this page that lie in archives which could not be read; empty as a rule."),
});
export type LogPage = z.infer<typeof logPage>;
