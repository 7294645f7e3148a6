import { z } from "zod";
import { LIMITS } from "../constants";
import { experimentRef, storedText, tagEntry } from "../schemas";

/** Runs one call may change. */
export const BULK_MAX = 1000;

const runIds = z
  .array(z.string().min(1).max(256))
  .min(1)
  .max(BULK_MAX)
  .describe("Ids of runs, with or without dashes.");

export const runsInput = z.strictObject({ runIds });

export const tagRunsInput = z
  .strictObject({
    runIds,
    set: z.array(tagEntry).max(LIMITS.batchTags).default([]),
    remove: z.array(storedText(LIMITS.key).min(1)).max(LIMITS.batchTags).default([]),
  })
  .refine((input) => input.set.length + input.remove.length > 0, {
    message: "Send a tag to set or the key of one to remove",
  });

export const moveRunsInput = z.strictObject({
  runIds,
  experiment: experimentRef.describe("Id, number or name of the experiment they move to."),
});

export const changedRuns = z.object({
  runIds: z.array(z.guid()).describe("The runs that changed; the others were so before."),
});
export type ChangedRuns = z.infer<typeof changedRuns>;
