import { sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { getExperiment } from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import { decodeCursor, encodeCursor } from "@/server/kernel/paging";
import { type ExperimentLogs, type LogPieceDto, readExperimentLogsInput } from "./schemas";

/**
 * Pieces younger than this wait, milliseconds: one that was written before another may be committed
 * after it, and a reader who has gone past it would never see it.
 */
const SETTLE_MS = 2_000;

type Piece = Omit<LogPieceDto, "writtenAt"> & { writtenAt: Date };

/**
 * What the training jobs of an experiment wrote, oldest first, two seconds late. The last page says
 * where to go on, too. Throws not_found, bad_request for a cursor that is none.
 */
export async function readExperimentLogs(
  ctx: Context,
  input: z.input<typeof readExperimentLogsInput>,
): Promise<ExperimentLogs> {
  requirePermission(ctx, "training:read");
  const { experiment, limit, cursor } = readExperimentLogsInput.parse(input);
  const { id } = await getExperiment(ctx, { experiment });
  const after = placeOf(cursor);
  return withWorkspace(ctx, async (tx) => {
    const quiet = await areJobsQuiet(tx, ctx, id);
    const rows = await piecesAfter(tx, ctx, { experimentId: id, after, limit: limit + 1 });
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return {
      items: items.map(({ writtenAt, ...piece }) => ({
        ...piece,
        writtenAt: writtenAt.toISOString(),
      })),
      nextCursor: last
        ? encodeCursor([last.writtenAt.toISOString(), last.jobId, last.offset])
        : (cursor ?? null),
      finished: quiet && rows.length <= limit,
    };
  });
}

interface Place {
  writtenAt: Date;
  jobId: string;
  offset: number;
}

const BEGIN: Place = {
  writtenAt: new Date(0),
  jobId: "00000000-0000-0000-0000-000000000000",
  offset: -1,
};

function placeOf(cursor: string | undefined): Place {
  if (!cursor) return BEGIN;
  const [at, jobId, offset] = decodeCursor(cursor, 3);
  const writtenAt = new Date(typeof at === "string" && /^\d{4}-/.test(at) ? at : Number.NaN);
  if (
    Number.isNaN(writtenAt.getTime()) ||
    !isUuid(String(jobId)) ||
    !Number.isSafeInteger(offset)
  ) {
    throw new AppError("bad_request", "The cursor is damaged.");
  }
  return { writtenAt, jobId: String(jobId), offset: Number(offset) };
}

/** Whether nothing will follow: every job ended so long ago that its last piece is settled. */
async function areJobsQuiet(tx: Transaction, ctx: Context, experimentId: string): Promise<boolean> {
  const { rows } = await tx.execute<{ quiet: boolean }>(sql`
    select not exists (
      select from training_jobs j
      join runs r on r.workspace_id = j.workspace_id and r.id = j.run_id
      where j.workspace_id = ${ctx.workspaceId} and r.experiment_id = ${experimentId}
        and (j.finished_at is null or j.finished_at > ${settled(ctx)})) as quiet`);
  return rows[0]?.quiet ?? true;
}

const settled = (ctx: Context) =>
  sql`${new Date(ctx.now().getTime() - SETTLE_MS).toISOString()}::timestamptz`;

/** The next pieces of each job by the index of its times, then the first of them all. */
async function piecesAfter(
  tx: Transaction,
  ctx: Context,
  { experimentId, after, limit }: { experimentId: string; after: Place; limit: number },
): Promise<Piece[]> {
  const since = sql`${after.writtenAt.toISOString()}::timestamptz`;
  const { rows } = await tx.execute<{ [K in keyof Piece]: Piece[K] }>(sql`
    select j.id as "jobId", r.id as "runId", r.name as "runName", l.offset_bytes::float8 as "offset",
      l.text as "text", l.created_at as "writtenAt"
    from training_jobs j
    join runs r on r.workspace_id = j.workspace_id and r.id = j.run_id
    cross join lateral (
      select offset_bytes, text, created_at from training_logs
      where workspace_id = j.workspace_id and job_id = j.id
        and created_at >= ${since} and created_at <= ${settled(ctx)}
        and (created_at, job_id, offset_bytes) > (${since}, ${after.jobId}::uuid, ${after.offset}::int8)
      order by created_at, offset_bytes limit ${limit}) l
    where j.workspace_id = ${ctx.workspaceId} and r.experiment_id = ${experimentId}
    order by l.created_at, j.id, l.offset_bytes limit ${limit}`);
  return rows.map((row) => ({ ...row, writtenAt: new Date(row.writtenAt) }));
}
