import { z } from "zod";

export const listAuditInput = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(40).optional(),
  action: z.string().max(200).optional().describe("Exact action, for instance model.created."),
  subjectType: z.string().max(100).optional(),
  subjectId: z.string().max(200).optional(),
});

export const auditEntryDto = z.object({
  seq: z.number().int(),
  at: z.string(),
  actor: z.record(z.string(), z.unknown()),
  action: z.string(),
  subjectType: z.string(),
  subjectId: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  requestId: z.string(),
  hash: z.string(),
});
