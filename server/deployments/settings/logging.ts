import { z } from "zod";

/** What the prediction log keeps; counts are exact whatever is sampled. */
export const loggingSettings = z.strictObject({
  /** Share of answered requests whose row is kept, 0 to 1. Failures are always kept. */
  sampleRate: z.number().min(0).max(1).default(1),
  /** Whether features and predictions are kept in the row. */
  payload: z.boolean().default(true),
  /** Days in the database and until the archive goes; null keeps what the workspace says. */
  keepDays: z.int().min(1).max(365).nullable().default(null),
  archiveDays: z.int().min(0).max(36_500).nullable().default(null),
});
export type LoggingSettings = z.output<typeof loggingSettings>;
