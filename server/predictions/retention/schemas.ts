import { z } from "zod";

/** Days, whole, since a request was answered or a batch job ended. */
export const retentionDto = z.object({
  keepDays: z
    .int()
    .min(1)
    .max(365)
    .describe("Days that log rows stay in the database before they are archived."),
  archiveDays: z
    .int()
    .min(0)
    .max(36_500)
    .describe("Days until archived rows are deleted; 0 archives nothing."),
  resultDays: z
    .int()
    .min(0)
    .max(36_500)
    .describe(
      "Days that results of batch jobs are kept; 0 keeps them until somebody deletes them.",
    ),
});
export type RetentionDto = z.output<typeof retentionDto>;

export const setRetentionInput = retentionDto
  .extend({
    resultDays: retentionDto.shape.resultDays.optional().describe("As it is where absent."),
  })
  .strict()
  .refine(({ keepDays, archiveDays }) => archiveDays === 0 || archiveDays > keepDays, {
    path: ["archiveDays"],
    message: "must be 0 or more than the days in the database (keepDays)",
  });

/** Where nobody chose. */
export const DEFAULT_RETENTION: RetentionDto = { keepDays: 14, archiveDays: 365, resultDays: 0 };

const span = z.object({
  bytes: z.int(),
  /** The first and the last of them; null where there is none. */
  from: z.string().nullable(),
  to: z.string().nullable(),
});

/** What the prediction log takes. */
export const storageDto = z.object({
  database: span.extend({
    requests: z.int().describe("Log rows, counted up to 1,000,000."),
    isMore: z.boolean().describe("Whether there are more than were counted."),
    bytes: z.int().describe("About: the mean of the newest rows for each that was counted."),
  }),
  archives: span.extend({ requests: z.int(), files: z.int() }),
  results: z.object({
    files: z.int().describe("Results of batch jobs."),
    bytes: z.int(),
  }),
});
export type StorageDto = z.output<typeof storageDto>;
