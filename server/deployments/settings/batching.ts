import { z } from "zod";

/**
 * Dynamic batching in the node, in the terms of Triton. `auto` fits the duration of a call as
 * a·n + b and never holds back a request an idle model could answer at once.
 */
export const batchingSettings = z.strictObject({
  mode: z.enum(["auto", "fixed", "off"]).default("auto"),
  maxBatchSize: z.int().min(1).max(10_000).default(256),
  preferredBatchSizes: z.array(z.int().min(1).max(10_000)).max(16).default([]),
  maxQueueDelayMicroseconds: z.int().min(0).max(1_000_000).default(0),
  maxQueueSize: z.int().min(1).max(100_000).default(1_000),
  queueTimeoutMs: z.int().min(1).max(600_000).default(30_000),
  /** Whether a request may name a shorter time to wait. */
  allowTimeoutOverride: z.boolean().default(true),
  /** Priorities that requests may name, 1 the highest; 0 takes no notice of them. */
  priorityLevels: z.int().min(0).max(100).default(0),
  /** Of requests that name none; null is the lowest. */
  defaultPriorityLevel: z.int().min(1).max(100).nullable().default(null),
});
export type BatchingSettings = z.output<typeof batchingSettings>;
