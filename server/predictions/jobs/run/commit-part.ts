import { Readable } from "node:stream";
import { sql } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { batchJobErrors, batchJobParts, batchJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { storeObject } from "@/server/artifacts";
import type { RowFailure } from "@/server/datasets";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { ERRORS_KEPT_MAX } from "../constants";
import { endBatchJob } from "../end-job";
import { type BatchJobRow, getBatchJobInWorkspace, isJob } from "../internal";
import type { Answered } from "./answer-rows";
import { type BatchRun, isAt } from "./begin-run";
import { countRows } from "./count-rows";
import { encodePart } from "./part-codec";

/** Rows of one insert. */
const ERRORS_AT_ONCE = 1_000;

/**
 * Moves the checkpoint of a job behind a stretch whose answers are stored with it. A stretch that
 * does not begin at the checkpoint was committed by somebody else and changes nothing. Answers
 * whether the job goes on. not audited: the job's beginning and end are.
 */
export async function commitPart(
  ctx: Context,
  run: BatchRun,
  { answers, failures }: Answered,
  workMs: number,
): Promise<boolean> {
  requirePermission(ctx, "predictions:create");
  const bytes = encodePart(answers);
  const { from, to } = answers;
  const stored = await ctx.ports.objects.put(
    ctx.workspaceId,
    Readable.from([bytes]),
    bytes.byteLength,
  );
  return withWorkspace(ctx, async (tx) => {
    const row = await getBatchJobInWorkspace(tx, ctx, run.jobId, true);
    if (!isAt(row, run) || row.rowsRead !== from) return false;
    await keepErrors(tx, ctx, row, failures);
    const error = tooManyErrors(row, failures);
    if (error !== undefined) {
      await endBatchJob(tx, ctx, row, { status: "failed", error });
      return false;
    }
    await countRows(tx, ctx, row, {
      answered: answers.values.length,
      failed: failures.length,
    });
    await storeObject(tx, ctx, stored);
    await tx
      .insert(batchJobParts)
      .values({ workspaceId: ctx.workspaceId, jobId: row.id, fromRow: from, toRow: to, ...stored });
    await tx
      .update(batchJobs)
      .set({
        rowsRead: to,
        rowsFailed: row.rowsFailed + failures.length,
        workMs: sql`${batchJobs.workMs} + ${Math.round(workMs)}`,
        message: null,
        stalledSince: null,
      })
      .where(isJob(ctx, row.id));
    await announceChange(tx, ctx, "predictions", row.id);
    return true;
  });
}

/** Why a job ends for the rows that got no answer; undefined where it bears them. */
function tooManyErrors(row: BatchJobRow, failures: readonly RowFailure[]): string | undefined {
  const [first] = failures;
  if (!first) return undefined;
  if (row.onError === "fail") return `Row ${first.row + 1}: ${first.message}.`;
  const failed = row.rowsFailed + failures.length;
  if (failed <= row.maxErrors) return undefined;
  return `More than ${row.maxErrors} of ${row.rowsTotal} rows got no answer. The last ones: row ${first.row + 1}, ${first.message}.`;
}

async function keepErrors(
  tx: Transaction,
  ctx: Context,
  job: BatchJobRow,
  failures: readonly RowFailure[],
): Promise<void> {
  const kept = failures.slice(0, Math.max(0, ERRORS_KEPT_MAX - job.rowsFailed));
  for (let at = 0; at < kept.length; at += ERRORS_AT_ONCE) {
    await tx
      .insert(batchJobErrors)
      .values(
        kept.slice(at, at + ERRORS_AT_ONCE).map(({ row, message }) => ({
          workspaceId: ctx.workspaceId,
          jobId: job.id,
          row: row + 1,
          message,
        })),
      )
      // A job that ended for its errors and was resumed meets them again.
      .onConflictDoNothing();
  }
}
