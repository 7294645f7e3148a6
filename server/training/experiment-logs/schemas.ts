import { z } from "zod";
import { pageOf } from "@/server/kernel/paging";

/** Pieces a page holds; one has 256 KiB at most. */
const PIECES_MAX = 32;

export const experimentRef = z.object({
  experiment: z.string().min(1).max(500).describe("Id, number or name of an experiment."),
});

const pageFields = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(PIECES_MAX)
    .default(16)
    .describe("Pieces a page holds."),
  cursor: z.string().max(500).optional().describe("`nextCursor` of the page before."),
};

export const experimentLogsQuery = z.object({
  follow: z.enum(["0", "1", "true", "false"]).optional().describe("1: server-sent events."),
  ...pageFields,
});

export const readExperimentLogsInput = experimentRef.extend(pageFields);

export const logPieceDto = z.object({
  jobId: z.uuid(),
  runId: z.uuid(),
  runName: z.string(),
  offset: z.int().describe("Where the piece begins in its job's log, bytes."),
  text: z.string(),
  writtenAt: z.string(),
});
export type LogPieceDto = z.infer<typeof logPieceDto>;

export const experimentLogsPage = pageOf(logPieceDto).extend({
  nextCursor: z.string().nullable().describe("Also where to go on later; null: there is no piece."),
  finished: z.boolean().describe("Whether every job is over and all was read."),
});
export type ExperimentLogs = z.infer<typeof experimentLogsPage>;
