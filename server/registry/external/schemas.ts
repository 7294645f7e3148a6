import { z } from "zod";
import { signatureSchema } from "@/server/protocols/open-inference/codec/signature";
import { modelRef, versionRef } from "../schemas";
import { signatureHints } from "../uploads/schemas";
import { CREDENTIAL_KINDS, EXTERNAL_PROTOCOLS } from "./constants";

const name = z.string().trim().min(1).max(256);
const secret = z
  .string()
  .min(1)
  .max(4_096)
  .regex(/^[\x20-\x7e]+$/, "may hold printable ASCII only");

/** What goes into every request; kept sealed and never shown again. */
const credential = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({ kind: z.literal("bearer"), token: secret }),
    z.strictObject({
      kind: z.literal("basic"),
      username: secret.refine((text) => !text.includes(":"), "may hold no colon"),
      password: secret,
    }),
    z.strictObject({
      kind: z.literal("header"),
      name: z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9-]{0,99}$/, "must be a header name")
        .refine(
          (text) =>
            !/^(host|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|expect|inference-.*)$/i.test(
              text,
            ),
          "belongs to the protocol",
        ),
      value: secret,
    }),
  ])
  .default({ kind: "none" });
export type Credential = z.output<typeof credential>;

/** Where the model is, and what its server does not say of it. */
const target = {
  url: z
    .string()
    .min(1)
    .max(2_048)
    .describe("Base URL; `/v2` follows it. https://, on the public internet."),
  protocol: z.enum(EXTERNAL_PROTOCOLS).default("open-inference"),
  remoteModel: name.describe("The model's name on that server."),
  remoteVersion: name.nullable().default(null).describe("The server chooses when null."),
  credential,
  ...signatureHints.shape,
};

export const checkExternalModelInput = modelRef.extend({
  ...target,
  infer: z.boolean().default(true).describe("Also asks for one prediction, of zeros."),
});
export const checkExternalModelBody = checkExternalModelInput.omit({ model: true });

export const registerExternalBody = z.strictObject({
  ...target,
  infer: z.boolean().default(true).describe("Also asks for one prediction, of zeros."),
  label: z.string().trim().min(1).max(100).nullable().default(null),
  description: z.string().max(10_000).default(""),
});
export const registerExternalInput = registerExternalBody.extend(modelRef.shape);

export const changeCredentialBody = z.strictObject({ credential });
export const changeCredentialInput = versionRef.extend({ credential });

/** What a look at the server found. */
export const externalCheck = z.object({
  ready: z.boolean(),
  latencyMs: z.number(),
  /** Whether a prediction came back; null when none was asked for. */
  answered: z.boolean().nullable(),
  /** Why it is not ready or did not answer. */
  error: z.string().nullable(),
});
export type ExternalCheck = z.infer<typeof externalCheck>;

export const externalFindings = externalCheck.extend({
  binaryTensors: z.boolean(),
  /** As a version would be registered. */
  signature: signatureSchema,
});
export type ExternalFindings = z.infer<typeof externalFindings>;

export const externalDto = z.object({
  versionId: z.uuid(),
  url: z.string(),
  protocol: z.enum(EXTERNAL_PROTOCOLS),
  remoteModel: z.string(),
  remoteVersion: z.string().nullable(),
  binaryTensors: z.boolean(),
  /** Our name of an output: the server's, where they differ. */
  outputs: z.record(z.string(), z.string()),
  credential: z.enum(CREDENTIAL_KINDS),
  headerName: z.string().nullable(),
  lastCheck: externalCheck,
  checkedAt: z.string(),
});
export type ExternalDto = z.infer<typeof externalDto>;
