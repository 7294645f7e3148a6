import { z } from "zod";
import { unreadDay } from "../archives/unread-days";
import { predictDeploymentParams } from "../schemas";

/** Days of a quality chart, to slots of it in hours: some sixty points at most. */
const SLOT_HOURS: readonly (readonly [daysMax: number, hours: number])[] = [
  [2, 1],
  [14, 6],
  [60, 24],
  [400, 168],
];

export const qualityQuery = z.object({
  days: z.coerce.number().int().min(1).max(400).default(30).describe("How far back, in days."),
});
export const qualityInput = qualityQuery.extend(predictDeploymentParams.shape);

/** Length of a slot, milliseconds. */
export const slotMsOf = (days: number): number =>
  (SLOT_HOURS.find(([daysMax]) => days <= daysMax)?.[1] ?? 168) * 3_600_000;

const quality = z.object({
  /** Predictions whose outcome is known. */
  outcomes: z.int(),
  /** Share of classes predicted rightly, 0 to 1; null for numbers. */
  accuracy: z.number().nullable(),
  /** Mean absolute error and root mean squared error; null for classes. */
  mae: z.number().nullable(),
  rmse: z.number().nullable(),
});

export const predictionQualityDto = z.object({
  from: z.string(),
  to: z.string(),
  slotSeconds: z.int(),
  /** Older requests were not looked at this time; `from` where all were. */
  completeFrom: z.string(),
  unread: z.array(unreadDay).describe("Days in archives that could not be read; not in the sums."),
  variants: z.array(
    quality.extend({
      variantId: z.uuid(),
      name: z.string().nullable(),
      versionNumber: z.int().nullable(),
      /** Slots in which an outcome is known, oldest first; `at` is when they begin. */
      points: z.array(quality.extend({ at: z.string() })),
    }),
  ),
});
export type PredictionQualityDto = z.output<typeof predictionQualityDto>;
