import { z } from "zod";
import { modelRef, versionRef } from "../schemas";
import { PARTS, parseSemanticVersion, TEXT_MAX } from "./semantic-version";

const semanticVersion = z
  .string()
  .trim()
  .max(TEXT_MAX)
  .refine(
    (text) => parseSemanticVersion(text) !== undefined,
    "must look like 1.2.0 or 1.2.0-rc.1, without build metadata",
  );

const choice = {
  semanticVersion: semanticVersion
    .nullable()
    .optional()
    .describe("Such as 1.2.0; null takes it off."),
  next: z.enum(PARTS).optional().describe("What follows the newest of the model, instead."),
};
type Choice = { semanticVersion?: string | null | undefined; next?: string | undefined };
const isOne = (one: Choice) => (one.semanticVersion === undefined) !== (one.next === undefined);
const misfit = { error: "Give semanticVersion or next, one of them.", path: ["semanticVersion"] };

export const semanticVersionChoice = z.strictObject(choice).refine(isOne, misfit);
export const setSemanticVersionInput = z
  .strictObject({ ...versionRef.shape, ...choice })
  .refine(isOne, misfit);

export const listSemanticVersionsInput = modelRef;

export const semanticVersionList = z.object({
  /** Newest first, in the order of semver.org. */
  items: z.array(
    z.object({ semanticVersion: z.string(), versionId: z.uuid(), number: z.number().int() }),
  ),
  nextCursor: z.null(),
  next: z.object({ patch: z.string(), minor: z.string(), major: z.string() }),
});
export type SemanticVersionList = z.infer<typeof semanticVersionList>;
