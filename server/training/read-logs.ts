import { and, asc, eq, gte, sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { trainingLogs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { isFinished } from "./constants";
import { getJobInWorkspace } from "./internal";
import { type LogsDto, readLogsInput } from "./schemas";

/** Pieces that are read at once; one holds 256 KiB at most. */
const PIECES = 16;

/**
 * A stretch of a job's log from a byte offset on, at most some MiB; `nextOffset` is where to go on.
 * `finished` says that nothing will follow.
 */
export async function readLogs(
  ctx: Context,
  input: z.input<typeof readLogsInput>,
): Promise<LogsDto> {
  requirePermission(ctx, "training:read");
  const { job, offset } = readLogsInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    // Before the pieces: what a finished job has said by then is all it will say.
    const { status } = await getJobInWorkspace(tx, ctx, job);
    const pieces = await piecesFrom(tx, ctx, job, offset);
    const bytes = Buffer.from(pieces.map((piece) => piece.text).join(""), "utf8");
    const rest = bytes.subarray(Math.max(0, offset - (pieces[0]?.offset ?? offset)));
    return {
      text: rest.toString("utf8"),
      nextOffset: offset + rest.length,
      finished: isFinished(status) && pieces.length < PIECES,
    };
  });
}

/** Begins with the piece that holds the offset, which the key finds without reading the ones before. */
function piecesFrom(tx: Transaction, ctx: Context, job: string, offset: number) {
  const { workspaceId } = ctx;
  const mine = and(eq(trainingLogs.workspaceId, workspaceId), eq(trainingLogs.jobId, job));
  const begin = sql`(select coalesce(max(offset_bytes), 0) from ${trainingLogs}
    where workspace_id = ${workspaceId} and job_id = ${job} and offset_bytes <= ${offset})`;
  return tx
    .select({ offset: trainingLogs.offsetBytes, text: trainingLogs.text })
    .from(trainingLogs)
    .where(and(mine, gte(trainingLogs.offsetBytes, begin)))
    .orderBy(asc(trainingLogs.offsetBytes))
    .limit(PIECES);
}
