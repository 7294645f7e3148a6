import { z } from "zod";
import { REPLICAS_MAX } from "../constants";
import { resourceSettings } from "./resources";

/** What replicas are counted by: requests at the same time, or requests a second. */
export const SCALING_METRICS = ["concurrency", "rps"] as const;
export type ScalingMetric = (typeof SCALING_METRICS)[number];

/** How many nodes hold a deployment's versions, decided by what is measured. */
export const scalingSettings = z
  .strictObject({
    /** False: replicas are set by hand, and of what is below only the resources have an effect. */
    isEnabled: z.boolean().default(false),
    /** 0: without requests the versions leave the nodes; the next request waits for them. */
    minReplicas: z.int().min(0).max(REPLICAS_MAX).default(1),
    maxReplicas: z.int().min(1).max(REPLICAS_MAX).default(4),
    metric: z.enum(SCALING_METRICS).default("concurrency"),
    /** What one replica takes, in the metric; 70 % of it is aimed at. */
    target: z.number().min(0.1).max(1_000_000).default(10),
    /** The time load is averaged over. Sudden load is seen in a tenth of it, at least 6 s. */
    stableWindowSeconds: z.int().min(6).max(600).default(60),
    /** Time without a request before the last replica goes. */
    scaleToZeroAfterSeconds: z.int().min(5).max(86_400).default(300),
    /** Whether an idle deployment's version before, which a rollback brings back, leaves the nodes too. */
    unloadsRollback: z.boolean().default(true),
    /** How long a request to an idle deployment waits for its version before it is answered 503. */
    holdSeconds: z.int().min(1).max(300).default(30),
    /** Requests that may wait so at once in a web process; more are answered 503. */
    heldRequestsMax: z.int().min(1).max(10_000).default(200),
    resources: resourceSettings.prefault({}),
  })
  .refine((value) => value.minReplicas <= value.maxReplicas, {
    path: ["maxReplicas"],
    message: "must be at least minReplicas",
  });
export type ScalingSettings = z.output<typeof scalingSettings>;
