import { z } from "zod";

/** Key and value pairs as nodes announce them: `zone=eu`, `device=cuda`. */
export const nodeLabels = z
  .record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/, "must be a label's name"),
    z.string().max(63),
  )
  .refine((labels) => Object.keys(labels).length <= 32, "may hold 32 labels at most");

/** How many replicas a deployment has; the formula is Knative's. */
export const scalingSettings = z.strictObject({
  /** `manual` keeps the replicas that were asked for. */
  metric: z.enum(["manual", "concurrency", "rps"]).default("manual"),
  /** Wanted per replica: requests at work, or requests a second. */
  target: z.number().positive().max(1_000_000).default(100),
  /** Unloads an idle deployment; its next request waits for the load. */
  scaleToZeroAfterSeconds: z.int().min(30).max(86_400).nullable().default(null),
  /** Labels the nodes that hold its versions must have; any node may when empty. */
  nodeSelector: nodeLabels.default({}),
});
export type ScalingSettings = z.output<typeof scalingSettings>;
