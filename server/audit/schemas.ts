import { z } from "zod";

const instant = z.iso.datetime({ offset: true });

/** What to look for; all of it must hold. */
const auditFilter = z.object({
  actor: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Id of a person or key, `user`, `apiKey`, `job`, `system`, or part of a name."),
  action: z
    .string()
    .max(200)
    .optional()
    .describe("For instance model.created; `model.*` for all of a subject."),
  subjectType: z.string().max(100).optional(),
  subjectId: z.string().max(200).optional(),
  from: instant.optional().describe("Not before this time."),
  to: instant.optional().describe("Before this time."),
  exclude: z
    .string()
    .max(500)
    .optional()
    .describe("Actions to leave out, comma-separated: token.issued,artifact.*"),
});
export type AuditFilter = z.infer<typeof auditFilter>;

export const listAuditInput = auditFilter.extend({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(40).optional(),
});

export const exportAuditInput = auditFilter.extend({
  format: z.enum(["ndjson", "csv"]).default("ndjson"),
});

export const auditEntryDto = z.object({
  seq: z.number().int(),
  at: z.string(),
  /** type, ids, role, name, and the address a request came from. */
  actor: z.record(z.string(), z.unknown()),
  action: z.string(),
  subjectType: z.string(),
  subjectId: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  requestId: z.string(),
  hash: z.string(),
});
export type AuditEntryDto = z.infer<typeof auditEntryDto>;

export const auditVerification = z.object({
  /** Rows of the chain that were checked. */
  rows: z.number().int(),
  /** Hash of the newest row, hexadecimal; empty for an empty chain. */
  head: z.string(),
  /** The first row that is not as it was written; null when the chain is whole. */
  broken: z.object({ seq: z.number().int(), reason: z.string() }).nullable(),
});
export type AuditVerification = z.infer<typeof auditVerification>;
