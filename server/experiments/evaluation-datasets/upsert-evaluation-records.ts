import { and, eq, inArray, max, sql } from "drizzle-orm";
import { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { evaluationDatasets, evaluationRecords } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { refuseRunKey } from "../internal";
import { type DatasetRow, digestOf, getDatasetInWorkspace } from "./internal";
import {
  grownSchema,
  inputHash,
  mergedBody,
  newBody,
  type RecordBody,
  unwrapped,
  wrapped,
} from "./record-rules";
import {
  type DatasetSchema,
  datasetRef,
  RECORDS_MAX,
  type RecordInput,
  recordInput,
  USER_TAG,
} from "./schemas";

const upsertInput = z.object({
  dataset: datasetRef,
  records: z.array(recordInput).max(RECORDS_MAX, `may hold ${RECORDS_MAX} records at most`),
});

/** Rows of one insert; each has a dozen parameters, and PostgreSQL takes 65,535. */
const ROWS_PER_INSERT = 1000;

type KeptRecord = RecordBody & { id: string; position: number; inputHash: string; createdAt: Date };

/**
 * Adds records to a dataset; one whose inputs are there already is joined with what comes. Sending
 * the same again changes nothing but times. Throws not_found for the dataset.
 */
export async function upsertEvaluationRecords(
  ctx: Context,
  input: z.input<typeof upsertInput>,
): Promise<{ inserted: number; updated: number }> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { dataset, records } = upsertInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const row = await getDatasetInWorkspace(tx, ctx, dataset, { lock: true });
    const { kept, inserted } = await join(tx, ctx, row, records);
    await writeRecords(tx, ctx, row, kept);
    const at = ctx.now();
    await tx
      .update(evaluationDatasets)
      .set({
        updatedAt: at,
        updatedBy: records.findLast(({ tags }) => tags?.[USER_TAG])?.tags?.[USER_TAG] ?? null,
        digest: digestOf(row.name, at),
        schema:
          records.length > 0
            ? grownSchema(row.schema as DatasetSchema | null, records)
            : row.schema,
        recordCount: row.recordCount + inserted,
      })
      .where(
        and(eq(evaluationDatasets.workspaceId, ctx.workspaceId), eq(evaluationDatasets.id, row.id)),
      );
    const counts = { inserted, updated: records.length - inserted };
    await recordAudit(tx, ctx, {
      action: "evaluation_dataset.records_written",
      subjectType: "evaluation_dataset",
      subjectId: row.id,
      after: counts,
    });
    return counts;
  });
}

/** The records after all of `records` came, by what they ask. */
async function join(tx: Transaction, ctx: Context, row: DatasetRow, records: RecordInput[]) {
  const hashes = records.map(({ inputs }) => inputHash(inputs));
  const ofDataset = and(
    eq(evaluationRecords.workspaceId, ctx.workspaceId),
    eq(evaluationRecords.datasetId, row.id),
  );
  const [last] = await tx
    .select({ position: max(evaluationRecords.position) })
    .from(evaluationRecords)
    .where(ofDataset);
  const known =
    hashes.length > 0
      ? await tx
          .select()
          .from(evaluationRecords)
          .where(and(ofDataset, inArray(evaluationRecords.inputHash, [...new Set(hashes)])))
      : [];
  const kept = new Map(known.map((one) => [one.inputHash, toKept(one)]));
  let position = last?.position ?? 0;
  let inserted = 0;
  records.forEach((record, at) => {
    const hash = hashes[at] ?? "";
    const before = kept.get(hash);
    if (before) {
      kept.set(hash, mergedBody(before, record));
      return;
    }
    position += 1;
    inserted += 1;
    const now = ctx.now();
    const id = newId(now.getTime());
    kept.set(hash, { ...newBody(record), id, position, inputHash: hash, createdAt: now });
  });
  return { kept: [...kept.values()], inserted };
}

const toKept = (row: typeof evaluationRecords.$inferSelect): KeptRecord =>
  ({ ...row, outputs: unwrapped(row.outputs) }) as KeptRecord;

async function writeRecords(tx: Transaction, ctx: Context, row: DatasetRow, kept: KeptRecord[]) {
  for (let from = 0; from < kept.length; from += ROWS_PER_INSERT) {
    const rows = kept.slice(from, from + ROWS_PER_INSERT).map((record) => ({
      ...record,
      outputs: wrapped(record.outputs),
      workspaceId: ctx.workspaceId,
      datasetId: row.id,
      updatedAt: ctx.now(),
    }));
    await tx
      .insert(evaluationRecords)
      .values(rows)
      .onConflictDoUpdate({
        target: [evaluationRecords.workspaceId, evaluationRecords.id],
        set: {
          outputs: sql`excluded.outputs`,
          expectations: sql`excluded.expectations`,
          tags: sql`excluded.tags`,
          updatedBy: sql`excluded.updated_by`,
          updatedAt: sql`excluded.updated_at`,
        },
      });
  }
}
