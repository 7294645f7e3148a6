import type { Transaction } from "@/db/client";
import { batchJobs } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { type BatchJobRow, isJob } from "./internal";
import { requestNext } from "./request-run";

/** A message on a job is for people; a longer one is cut. */
const ERROR_CHARS_MAX = 1_000;

type End =
  | { status: "cancelled" }
  | { status: "failed"; error: string }
  | {
      status: "completed";
      result: { sha256: string; sizeBytes: number };
      preview: { columns: string[]; rows: unknown[][] };
    };

/** Closes a job whose row is locked, tells of it and lets the next one start. */
export async function endBatchJob(
  tx: Transaction,
  ctx: Context,
  row: BatchJobRow,
  end: End,
): Promise<void> {
  const { status } = end;
  const error = status === "failed" ? end.error.slice(0, ERROR_CHARS_MAX) : null;
  const result =
    status === "completed"
      ? {
          resultSha256: end.result.sha256,
          resultBytes: end.result.sizeBytes,
          preview: end.preview,
        }
      : {};
  await tx
    .update(batchJobs)
    .set({ status, error, ...result, message: null, stalledSince: null, finishedAt: ctx.now() })
    .where(isJob(ctx, row.id));
  await recordAudit(tx, ctx, {
    action: `batch_job.${status}`,
    subjectType: "batch_job",
    subjectId: row.id,
    before: { status: row.status },
    after: { status, rowsRead: row.rowsRead, rowsFailed: row.rowsFailed, error },
  });
  await emitEvent(tx, ctx, {
    name: `predictions/batch_job.${status}`,
    data: { jobId: row.id, modelId: row.modelId, versionId: row.versionId },
  });
  await requestNext(tx, ctx);
  await announceChange(tx, ctx, "predictions", row.id);
}
