import { z } from "zod";
import { pageQuery } from "@/server/kernel/paging";
import { signatureSchema } from "@/server/protocols/open-inference/codec/signature";
import { versionRef } from "../schemas";
import { signatureHints } from "../uploads/schemas";

/**
 * Whom a change concerns. notes: nobody who calls. requests: what callers send. answers: what they
 * get. tensors: the nodes too, which would have to load the model anew.
 */
const CHANGE_KINDS = ["notes", "requests", "answers", "tensors"] as const;

const signatureChange = z.object({
  kind: z
    .enum(CHANGE_KINDS)
    .describe("Whom it concerns: nobody, what callers send, what they get, or nodes."),
  sentence: z.string(),
});
export type SignatureChange = z.infer<typeof signatureChange>;

export const proposeBody = signatureHints
  .omit({ signature: true })
  .extend({ target: signatureHints.shape.target.unwrap().optional() });
export const proposeInput = z.strictObject({ ...versionRef.shape, ...proposeBody.shape });

export const setSignatureBody = z.strictObject({
  signature: signatureSchema,
  outputs: signatureHints.shape.outputs.describe(
    "Only with the first signature of a logged ONNX file: what its graph calls these outputs.",
  ),
  note: z.string().trim().max(1_000).default("").describe("Why it is changed."),
  baseRevision: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe("The revision it was made from; refused with 409 when another came since."),
  acceptBreaking: z
    .boolean()
    .default(false)
    .describe("Changes what callers of running deployments send or get."),
});
export const setSignatureInput = z.strictObject({ ...versionRef.shape, ...setSignatureBody.shape });

export const listSignaturesInput = versionRef.extend(pageQuery.omit({ order: true }).shape);

/** One signature a version had. */
export const signatureRevision = z.object({
  revision: z.number().int(),
  signature: signatureSchema,
  note: z.string(),
  changedBy: z
    .object({ key: z.string(), name: z.string() })
    .nullable()
    .describe("null for the one the version came with."),
  createdAt: z.string(),
});
export type SignatureRevision = z.infer<typeof signatureRevision>;
