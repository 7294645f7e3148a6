import { and, asc, eq, gt } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { evaluationRecords } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { decodeCursor, encodeCursor, type Page } from "@/server/kernel/paging";
import { refuseRunKey } from "../internal";
import { getDatasetInWorkspace } from "./internal";
import { unwrapped } from "./record-rules";
import { datasetRef, type EvaluationRecordDto } from "./schemas";

const listInput = z.object({
  dataset: datasetRef,
  limit: z.int().min(1).max(1000).default(1000),
  cursor: z.string().max(1000).optional(),
});

/** A page of a dataset's records in the order they came. Throws not_found for the dataset. */
export async function listEvaluationRecords(
  ctx: Context,
  input: z.input<typeof listInput>,
): Promise<Page<EvaluationRecordDto>> {
  requirePermission(ctx, "experiments:read");
  refuseRunKey(ctx);
  const { dataset, limit, cursor } = listInput.parse(input);
  const after = cursor === undefined ? undefined : positionOf(cursor);
  return withWorkspace(ctx, async (tx) => {
    const { id } = await getDatasetInWorkspace(tx, ctx, dataset);
    const rows = await tx
      .select()
      .from(evaluationRecords)
      .where(
        and(
          eq(evaluationRecords.workspaceId, ctx.workspaceId),
          eq(evaluationRecords.datasetId, id),
          after === undefined ? undefined : gt(evaluationRecords.position, after),
        ),
      )
      .orderBy(asc(evaluationRecords.position))
      .limit(limit + 1);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown.map(toRecordDto),
      nextCursor: last ? encodeCursor([last.position]) : null,
    };
  });
}

function positionOf(cursor: string): number {
  const [position] = decodeCursor(cursor, 1);
  if (Number.isSafeInteger(position)) return Number(position);
  throw new AppError("bad_request", "The cursor is damaged: take nextCursor unchanged.");
}

const toRecordDto = (row: typeof evaluationRecords.$inferSelect): EvaluationRecordDto => ({
  id: row.id,
  datasetId: row.datasetId,
  inputs: row.inputs as EvaluationRecordDto["inputs"],
  outputs: unwrapped(row.outputs),
  expectations: row.expectations as EvaluationRecordDto["expectations"],
  tags: row.tags as EvaluationRecordDto["tags"],
  source: row.source as EvaluationRecordDto["source"],
  createdBy: row.createdBy,
  updatedBy: row.updatedBy,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
