import { z } from "zod";
import { versionRef } from "../schemas";

export const versionHistoryInput = versionRef.extend({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(40).optional(),
});

/** One row of the workspace's hash-chained trail, in words. */
export const historyEntry = z.object({
  /** Its place in the chain; a row that is gone leaves a gap the chain's check finds. */
  seq: z.number().int(),
  at: z.string(),
  actor: z.object({ type: z.string(), name: z.string() }),
  action: z.string(),
  sentence: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  /** SHA-256 over the row and the hash before it, hexadecimal. */
  hash: z.string(),
});
export type HistoryEntry = z.infer<typeof historyEntry>;
