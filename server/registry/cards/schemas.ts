import { z } from "zod";
import { pageQuery } from "@/server/kernel/paging";
import { modelRef, versionRef } from "../schemas";

/** Characters of a card; four bytes each at most. */
const CARD_MAX = 200_000;

export const cardText = z.strictObject({
  content: z
    .string()
    .max(CARD_MAX)
    .describe("Markdown. It is shown without running anything in it."),
  baseRevision: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe("The revision the text was written from; refused with 409 when another came since."),
});
export const writeCardInput = z.strictObject({ ...modelRef.shape, ...cardText.shape });

export const listCardRevisionsInput = modelRef.extend(pageQuery.omit({ order: true }).shape);
export const cardRevisionRef = modelRef.extend({ revision: z.coerce.number().int().min(1) });
export const cardTemplateInput = versionRef;

const revision = {
  revision: z.number().int(),
  writtenBy: z.object({ key: z.string(), name: z.string() }),
  createdAt: z.string(),
};
export const cardRevision = z.object({ ...revision, content: z.string() });
export type CardRevision = z.infer<typeof cardRevision>;
/** A line of the list: the text stays away. */
export const cardRevisionSummary = z.object({ ...revision, characters: z.number().int() });
export type CardRevisionSummary = z.infer<typeof cardRevisionSummary>;

export const cardTemplate = z.object({ content: z.string() });
