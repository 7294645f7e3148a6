import { and, asc, eq, gt } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { batchJobErrors } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { decodeCursor, toPage } from "@/server/kernel/paging";
import { getBatchJobInWorkspace } from "./internal";
import { type BatchErrorPage, listBatchErrorsInput } from "./schemas";

/** Rows of the dataset that got no answer and why, by number; the first 10,000 are kept. Throws not_found. */
export async function listBatchErrors(
  ctx: Context,
  input: z.input<typeof listBatchErrorsInput>,
): Promise<BatchErrorPage> {
  requirePermission(ctx, "predictions:read");
  const { batchJob: job, limit, cursor } = listBatchErrorsInput.parse(input);
  const after = cursor === undefined ? 0 : Number(decodeCursor(cursor, 1)[0]) || 0;
  const rows = await withWorkspace(ctx, async (tx) => {
    await getBatchJobInWorkspace(tx, ctx, job);
    return tx
      .select({ row: batchJobErrors.row, message: batchJobErrors.message })
      .from(batchJobErrors)
      .where(
        and(
          eq(batchJobErrors.workspaceId, ctx.workspaceId),
          eq(batchJobErrors.jobId, job),
          gt(batchJobErrors.row, Math.trunc(Math.min(after, Number.MAX_SAFE_INTEGER))),
        ),
      )
      .orderBy(asc(batchJobErrors.row))
      .limit(limit + 1);
  });
  return toPage(
    rows,
    limit,
    ({ row }) => [row],
    (row) => row,
  );
}
