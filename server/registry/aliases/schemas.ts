import { z } from "zod";
import { modelRef, versionRef } from "../schemas";

/** Champion, challenger and the like; what the client reads as a version is no alias. */
export const aliasName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\p{L}\p{N}_-]+$/u, "may hold letters, digits, underscores and dashes only")
  .refine((alias) => alias.toLowerCase() !== "latest", "may not be `latest`, which is reserved")
  .refine((alias) => !/^v\d+$/i.test(alias), "may not look like a version, such as v1")
  .describe("A name for one version of the model, such as `champion`.");

export const aliasRef = modelRef.extend({ alias: z.string().min(1).max(255) });

export const aliasTarget = z.strictObject({ version: versionRef.shape.version });
export const setAliasInput = z.strictObject({
  ...modelRef.shape,
  alias: aliasName,
  ...aliasTarget.shape,
});

export const aliasDto = z.object({
  alias: z.string(),
  versionId: z.uuid(),
  versionNumber: z.number().int(),
  /** When it was pointed at this version. */
  updatedAt: z.string(),
});
export type AliasDto = z.infer<typeof aliasDto>;
