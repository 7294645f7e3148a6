import { z } from "zod";
import { deploymentRef } from "../schemas";
import { SCALING_METRICS } from "../settings/scaling";

/** Minutes of a day, which is how long points are kept. */
const RANGE_MAX = 24 * 60;

export const scalingQuery = z.object({
  rangeMinutes: z.coerce
    .number()
    .int()
    .min(1)
    .max(RANGE_MAX)
    .default(60)
    .describe("How far back the series goes."),
});
export const scalingInput = scalingQuery.extend({ deployment: deploymentRef });

const point = z.object({
  /** The beginning of the slot of `bucketSeconds`. */
  at: z.string(),
  wanted: z.int(),
  ready: z.int(),
  /** Requests at the same time, on average. */
  concurrency: z.number(),
  requestsPerSecond: z.number(),
});

export const scalingDto = z.object({
  isAutoscaled: z.boolean(),
  /** Nodes that should hold the versions now; 0 while idle. */
  wanted: z.int(),
  min: z.int(),
  max: z.int(),
  metric: z.enum(SCALING_METRICS),
  /** What one replica takes, in the metric. */
  target: z.number(),
  lastRequestAt: z.string().nullable(),
  bucketSeconds: z.int(),
  /** Oldest first; empty for deployments that never scaled by themselves. */
  series: z.array(point),
});
export type ScalingDto = z.output<typeof scalingDto>;
