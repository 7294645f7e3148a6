import { z } from "zod";

/** How many replicas a deployment has; the formula is Knative's. */
export const scalingSettings = z.strictObject({
  /** `manual` keeps the replicas that were asked for. */
  metric: z.enum(["manual", "concurrency", "rps"]).default("manual"),
  /** Wanted per replica: requests at work, or requests a second. */
  target: z.number().positive().max(1_000_000).default(100),
  /** Unloads an idle deployment; its next request waits for the load. */
  scaleToZeroAfterSeconds: z.int().min(30).max(86_400).nullable().default(null),
});
export type ScalingSettings = z.output<typeof scalingSettings>;
