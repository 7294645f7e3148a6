import { z } from "zod";
import { pageOf, pageQuery } from "@/server/kernel/paging";
import { ROLL_OUT_METRICS, ROLL_OUT_STATES, STRATEGIES, VERDICTS } from "../constants";
import { rollOutPlan } from "./plan";

const deployment = z.string().min(1).max(128);

export const rollOutParams = z.object({ deployment, rollOut: z.uuid() });

/** What every change may say: what it was decided on, and why. */
export const changeFields = z.strictObject({
  expectedRevision: z
    .int()
    .min(0)
    .optional()
    .describe("The revision of the deployment this was decided on; another one is refused."),
  comment: z.string().trim().max(1000).optional().describe("Why; shown on the timeline."),
});

export const changeRollOutInput = changeFields.extend(rollOutParams.shape);
export const promoteFields = changeFields.extend({
  to: z
    .enum(["end", "next_step"])
    .default("end")
    .describe("end: all traffic now. next_step: the next step of the plan now."),
});
export const promoteInput = promoteFields.extend(rollOutParams.shape);

export const rollOutDto = z.object({
  id: z.uuid(),
  deploymentId: z.uuid(),
  /** The variant that shall take over. */
  variantId: z.uuid(),
  stableVariantId: z.uuid().nullable(),
  versionId: z.uuid(),
  versionNumber: z.int(),
  strategy: z.enum(STRATEGIES),
  plan: rollOutPlan,
  state: z.enum(ROLL_OUT_STATES),
  /** Index into the steps of the plan; -1 before the first. */
  step: z.int(),
  stepStartedAt: z.string().nullable(),
  /** When the step has baked; null while it is paused. */
  dueAt: z.string().nullable(),
  /** Why it is in its state. */
  reason: z.string().nullable(),
  /** Why it was asked for. */
  comment: z.string().nullable(),
  createdBy: z.string().nullable(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
});
export type RollOutDto = z.infer<typeof rollOutDto>;

export const rollOutPage = pageOf(rollOutDto);
export const listRollOutsQuery = pageQuery;
export const listRollOutsInput = pageQuery.extend({ deployment });

export const analysisDto = z.object({
  look: z.int(),
  step: z.int(),
  metric: z.enum(ROLL_OUT_METRICS),
  stableCount: z.int(),
  /** A share between 0 and 1; of outputs the population stability index, of numbers' outcomes the mean error. */
  stableValue: z.number().nullable(),
  candidateCount: z.int(),
  candidateValue: z.number().nullable(),
  statistic: z.number().nullable(),
  /** Valid however often one looks. */
  pValue: z.number().nullable(),
  lowerBound: z.number().nullable(),
  upperBound: z.number().nullable(),
  verdict: z.enum(VERDICTS),
  message: z.string(),
  at: z.string(),
});
export type AnalysisDto = z.infer<typeof analysisDto>;

/** With its newest looks, newest first. */
export const rollOutDetailDto = rollOutDto.extend({ analyses: z.array(analysisDto) });
export type RollOutDetailDto = z.infer<typeof rollOutDetailDto>;

/** One variant's share, set by hand. */
const trafficShare = z
  .strictObject({
    variant: z.string().min(1).max(128).optional().describe("Id or name of the variant."),
    versionNumber: z.int().min(1).optional().describe("Or the number of its version."),
    weight: z.int().min(0).max(100),
  })
  .refine((one) => (one.variant === undefined) !== (one.versionNumber === undefined), {
    message: "needs either variant or versionNumber",
  });

export const trafficFields = changeFields.extend({
  traffic: z
    .array(trafficShare)
    .min(1)
    .max(20)
    .refine((list) => list.reduce((sum, one) => sum + one.weight, 0) === 100, {
      message: "weights must add up to 100",
    })
    .describe("Variants that are not named are retired; one of weight 0 stays loaded."),
});
export const setTrafficInput = trafficFields.extend({ deployment });
