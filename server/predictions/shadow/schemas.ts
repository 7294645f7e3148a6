import { z } from "zod";

export const shadowQuery = z.object({
  rangeMinutes: z.coerce.number().int().min(1).max(10_080).default(60),
});
export const shadowInput = shadowQuery.extend({ deployment: z.string().min(1).max(128) });

const totals = {
  /** Requests both answered. */
  requests: z.int(),
  rows: z.int(),
  /** Requests answered the same to the bit. */
  equal: z.int(),
  /** Rows whose label was another one. */
  flips: z.int(),
  /** Requests the shadow failed. */
  errors: z.int(),
  /** Copies that were never sent. */
  dropped: z.int(),
  /** Largest absolute difference of two numbers, and the mean of each request's largest. */
  differenceMax: z.number(),
  differenceMean: z.number().nullable(),
  /** Mean time at the node, of what was sent and of the shadow. */
  latencyMs: z.number().nullable(),
  shadowLatencyMs: z.number().nullable(),
};

export const shadowComparisonDto = z.object({
  rangeMinutes: z.int(),
  variants: z.array(
    z.object({
      variantId: z.uuid(),
      name: z.string(),
      versionNumber: z.int(),
      ...totals,
      /** Minutes with comparisons, oldest first. */
      series: z.array(z.object({ at: z.string(), ...totals })),
      /** The requests answered most differently, worst first, of all its time. */
      examples: z.array(
        z.object({
          at: z.string(),
          flips: z.int(),
          difference: z.number(),
          inputs: z.unknown(),
          sent: z.unknown(),
          shadow: z.unknown(),
        }),
      ),
    }),
  ),
});
export type ShadowComparisonDto = z.infer<typeof shadowComparisonDto>;
