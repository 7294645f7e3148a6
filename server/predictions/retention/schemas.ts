import { z } from "zod";

/** Days, whole, since a request was answered. */
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
});
export type RetentionDto = z.output<typeof retentionDto>;

export const setRetentionInput = retentionDto
  .strict()
  .refine(({ keepDays, archiveDays }) => archiveDays === 0 || archiveDays > keepDays, {
    path: ["archiveDays"],
    message: "must be 0 or more than the days in the database (keepDays)",
  });

/** Where nobody chose. */
export const DEFAULT_RETENTION: RetentionDto = { keepDays: 14, archiveDays: 365 };
