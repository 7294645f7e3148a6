import { z } from "zod";
import { pageQuery } from "@/server/kernel/paging";
import { gateReport } from "../gates/schemas";
import { versionDto, versionRef } from "../schemas";
import { stageName } from "../stages/schemas";
import { APPROVAL_STATES, CONDITIONS_MAX, REVIEW_DECISIONS } from "./constants";

const comment = z.string().trim().max(5_000);

export const stageRequest = z.strictObject({
  stage: stageName,
  comment: comment.default(""),
  archivePrevious: z
    .boolean()
    .optional()
    .describe(
      "Whether versions that are in the stage are archived; as the stage says when absent.",
    ),
});
export const requestStageInput = z.strictObject({ ...versionRef.shape, ...stageRequest.shape });

export const approvalRef = z.object({ approval: z.uuid() });

const review = {
  decision: z.enum(REVIEW_DECISIONS),
  comment: comment.default(""),
  conditions: z
    .array(z.string().trim().min(1).max(500))
    .max(CONDITIONS_MAX)
    .default([])
    .describe("What must be met before the move; only with `conditional`."),
};
type Review = { decision: string; conditions: string[] };
const conditionsFit = (one: Review) =>
  (one.decision === "conditional") === one.conditions.length > 0;
const misfit = {
  error: "Conditions come with the decision conditional, at least one, and with no other.",
  path: ["conditions"],
};
export const reviewRequest = z.strictObject(review).refine(conditionsFit, misfit);
export const reviewApprovalInput = z
  .strictObject({ ...approvalRef.shape, ...review })
  .refine(conditionsFit, misfit);

export const conditionRef = approvalRef.extend({ condition: z.uuid() });
export const conditionNote = z.strictObject({ note: z.string().trim().max(1_000).default("") });
export const meetConditionInput = z.strictObject({
  ...conditionRef.shape,
  ...conditionNote.shape,
});

export const withdrawRequest = z.strictObject({ comment: comment.default("") });
export const withdrawApprovalInput = z.strictObject({
  ...approvalRef.shape,
  ...withdrawRequest.shape,
});

export const listApprovalsInput = pageQuery.extend({
  state: z
    .enum([...APPROVAL_STATES, "open"])
    .optional()
    .describe("`open` for pending and conditional ones."),
  model: z.string().min(1).max(200).optional().describe("Id or name."),
  version: z.string().min(1).max(40).optional().describe("Only together with `model`."),
});

/** A person or key, `name` as it is called today. */
const person = z.object({ key: z.string(), name: z.string() });

const condition = z.object({
  id: z.uuid(),
  text: z.string(),
  setBy: person,
  metAt: z.string().nullable(),
  metBy: person.nullable(),
  note: z.string(),
});

export const approvalDto = z.object({
  id: z.uuid(),
  modelId: z.uuid(),
  modelName: z.string(),
  versionId: z.uuid(),
  versionNumber: z.number().int(),
  fromStage: z.string(),
  toStage: z.string(),
  state: z.enum(APPROVAL_STATES),
  comment: z.string(),
  requestedBy: person,
  /** What the stage asks for today: how many people, and which of them count. */
  required: z.object({
    count: z.number().int(),
    roles: z.array(z.string()),
    people: z.array(person),
  }),
  reviews: z.array(
    z.object({
      reviewer: person,
      decision: z.enum(REVIEW_DECISIONS),
      comment: z.string(),
      at: z.string(),
    }),
  ),
  conditions: z.array(condition),
  gates: z.object({
    atRequest: gateReport,
    /** The last time everything else allowed the move; null before. */
    atMove: gateReport.nullable(),
  }),
  createdAt: z.string(),
  expiresAt: z.string(),
  decidedAt: z.string().nullable(),
  closeReason: z.string().nullable(),
});
export type ApprovalDto = z.infer<typeof approvalDto>;

export const approvalDetail = approvalDto.extend({
  /** Who made the version and so may not review; null when nobody is known. */
  trainedBy: person.nullable(),
  /** What the gates say now; null once it is decided. */
  gatesNow: gateReport.nullable(),
  /** Whether the caller may review it, and why not. */
  review: z.object({ allowed: z.boolean(), reason: z.string().nullable() }),
});
export type ApprovalDetail = z.infer<typeof approvalDetail>;

export const stageRequestResult = z.object({
  /** moved: the version is in the stage. pending: a request waits. unchanged: it was there already. */
  outcome: z.enum(["moved", "pending", "unchanged"]),
  version: versionDto,
  /** The request that waits, or the one this call completed. */
  approval: approvalDto.nullable(),
});
export type StageRequestResult = z.infer<typeof stageRequestResult>;
