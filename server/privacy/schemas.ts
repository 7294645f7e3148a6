import { z } from "zod";
import { pageQuery } from "@/server/kernel/paging";
import { ERASURE_STATES } from "./constants";

export const subjectText = z
  .string()
  .trim()
  .min(1)
  .max(320)
  .refine((text) => !text.includes("\0") && text.isWellFormed(), "must be plain text")
  .describe("A member's id or e-mail, or the id your own records have for a person.");

const fields = z
  .array(z.string().min(1).max(200))
  .max(20)
  .default([])
  .describe("Look in the prediction log at these inputs only; ids of under 6 characters need it.");

export const exportSubjectInput = z.strictObject({ subject: subjectText, fields });
export const exportSubjectParams = z.object({ subject: subjectText });
export const exportSubjectQuery = z.object({
  fields: z
    .string()
    .max(2_000)
    .optional()
    .describe("Names of inputs, parted by commas: look in the prediction log at these only."),
});

export const eraseSubjectInput = z.strictObject({
  subject: subjectText,
  fields,
  dryRun: z.boolean().default(false).describe("Count what would be erased and change nothing."),
});

const tableReport = z.object({
  table: z.string(),
  /** Rows in which the subject was found before. */
  found: z.int(),
  deleted: z.int(),
  /** Rows that hold a pseudonym now. */
  changed: z.int(),
  /** Rows in which a search of every text column finds the subject afterwards. */
  left: z.int(),
});

const keptReport = z.object({
  /** `table.column` */
  place: z.string(),
  rows: z.int(),
  reason: z.string(),
});

const fileReport = z.object({
  /** dataset, run, model or version, with its id. */
  owner: z.string(),
  path: z.string(),
  sha256: z.string(),
});

export const erasureReport = z.object({
  dryRun: z.boolean(),
  /** What stands where the subject stood. */
  pseudonym: z.string(),
  tables: z.array(tableReport),
  /** What stays, and why it may. */
  kept: z.array(keptReport),
  /** Files that hold the subject; their owners delete them. */
  files: z.array(fileReport),
  /** What was not looked at. */
  notes: z.array(z.string()),
});
export type ErasureReport = z.infer<typeof erasureReport>;

export const erasureDto = z.object({
  /** null for a dry run, which leaves no proof. */
  id: z.uuid().nullable(),
  state: z.enum(ERASURE_STATES),
  /** SHA-256 of a salt and the subject, hexadecimal. */
  subjectDigest: z.string(),
  /** Hexadecimal; who knows the subject can check the digest with it. */
  salt: z.string(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  report: erasureReport.nullable(),
  /** SHA-256 of the report's canonical JSON (RFC 8785), hexadecimal. */
  reportSha256: z.string().nullable(),
});
export type ErasureDto = z.infer<typeof erasureDto>;

export const listErasuresInput = pageQuery;
