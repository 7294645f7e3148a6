import { z } from "zod";
import { experimentRef } from "../schemas";

/** Metrics one summary holds; the ones most runs have. */
export const SUMMARY_MAX = 500;

export const wholeInput = z.strictObject({ experiment: experimentRef });

export const stoppedRuns = z.object({
  stopped: z.array(z.guid()).describe("Runs that were running and are ended now."),
  left: z
    .array(z.object({ runId: z.guid(), reason: z.string() }))
    .describe("Running runs that somebody else ends."),
});
export type StoppedRuns = z.infer<typeof stoppedRuns>;

const place = z.object({ value: z.number().nullable(), runId: z.guid() }).nullable();

export const metricSummary = z.object({
  items: z.array(
    z.object({
      key: z.string(),
      runs: z.int().describe("Runs that are not deleted and logged it."),
      goal: z.enum(["minimize", "maximize"]),
      min: place.describe("The least value of all steps of all runs, and the run that has it."),
      max: place,
      best: place.describe("min or max, as the goal says."),
    }),
  ),
  nextCursor: z.null(),
});
export type MetricSummary = z.infer<typeof metricSummary>;
