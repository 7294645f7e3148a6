import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { and, asc, eq, gt, isNotNull, sql } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { batchJobs } from "@/db/schema";
import { collectObject, storeObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { withArchives } from "../archives/ask-archives";
import type { FoundInArchives } from "../archives/personal-archives";
import type { MeantCells, MeantCellsTask, WithoutCellsTask } from "../archives/tasks";
import { getBatchJobInWorkspace, isJob } from "./internal";
import { batchPreview } from "./schemas";

const PAGE = 100;
/** Records of one answer. */
const BYTES_MAX = 16 * 1024 * 1024;
/** A preview holds fewer rows. */
const FIRST_MAX = 1_000;

interface Result {
  id: string;
  sha256: string;
  sizeBytes: number;
}

/** Counts the rows of results somebody is meant in; changes nothing. The caller has asked for the permission. */
export async function countInResults(ctx: Context, meant: MeantCells): Promise<FoundInArchives> {
  const sum: FoundInArchives = { found: 0, unread: 0 };
  for await (const result of everyResult(ctx)) {
    await withArchives(ctx, [result], async ({ paths, ask }) => {
      if (paths.length === 0) sum.unread += 1;
      else {
        const task = { kind: "meantCells", paths, meant, fromRow: 0, bytesMax: 0 } as const;
        sum.found += (await ask<MeantCellsTask>(task)).found;
      }
    });
  }
  return sum;
}

/** Rows of results somebody is meant in, by job, some at a time. The caller has asked for the permission. */
export async function* findInResults(
  ctx: Context,
  meant: MeantCells,
): AsyncGenerator<{ batchJob: string; row: Record<string, string | null> }[]> {
  for await (const result of everyResult(ctx)) {
    for (let fromRow: number | null = 0; fromRow !== null; ) {
      const first: number = fromRow;
      const answer = await withArchives(ctx, [result], async ({ paths, ask }) => {
        if (paths.length === 0) return { records: [], nextRow: null };
        const task = { kind: "meantCells", paths, meant, fromRow: first } as const;
        return ask<MeantCellsTask>({ ...task, bytesMax: BYTES_MAX });
      });
      if (answer.records.length > 0) {
        yield answer.records.map((row) => ({ batchJob: result.id, row }));
      }
      fromRow = answer.nextRow;
    }
  }
}

/**
 * Writes every result somebody is meant in again without those rows. The files before are removed
 * but where a dataset holds the same bytes. Repeating it changes nothing more. The caller has asked
 * for the permission and notes it.
 */
export async function eraseFromResults(ctx: Context, meant: MeantCells): Promise<FoundInArchives> {
  const sum: FoundInArchives = { found: 0, unread: 0 };
  for await (const result of everyResult(ctx)) {
    const found = await rewrite(ctx, result, meant);
    if (found === undefined) sum.unread += 1;
    else sum.found += found;
  }
  return sum;
}

/** How many rows went from a result; undefined when it cannot be read. */
async function rewrite(
  ctx: Context,
  result: Result,
  meant: MeantCells,
): Promise<number | undefined> {
  return withArchives(ctx, [result], async ({ paths, folder, ask }) => {
    if (paths.length === 0) return undefined;
    const outPath = join(folder, "without.parquet");
    const { found, first } = await ask<WithoutCellsTask>({
      ...{ kind: "withoutCells", paths, meant, outPath, firstMax: FIRST_MAX },
    });
    if (found === 0) return 0;
    const { size } = await stat(outPath);
    const file = await ctx.ports.objects.put(ctx.workspaceId, createReadStream(outPath), size);
    await withWorkspace(ctx, async (tx) => {
      await storeObject(tx, ctx, file);
      const { preview } = await getBatchJobInWorkspace(tx, ctx, result.id, true);
      // A result is written once; it may only have gone meanwhile.
      await tx
        .update(batchJobs)
        .set({
          ...{ resultSha256: file.sha256, resultBytes: file.sizeBytes },
          preview: previewWithout(preview, new Set(first)),
        })
        .where(and(isJob(ctx, result.id), eq(batchJobs.resultSha256, result.sha256)));
    });
    await collectObject(ctx, result.sha256);
    return found;
  });
}

/** The number of the row is the first cell of each. */
function previewWithout(preview: unknown, gone: ReadonlySet<number>): unknown {
  const known = batchPreview.safeParse(preview).data;
  if (!known) return null;
  return { ...known, rows: known.rows.filter(([row]) => !gone.has(Number(row))) };
}

/** Results with columns of their datasets or reasons, which repeat values; the others hold numbers of ours alone. */
async function* everyResult(ctx: Context): AsyncGenerator<Result> {
  const b = batchJobs;
  for (let last: string | undefined; ; ) {
    const rows = await withWorkspace(ctx, (tx) =>
      tx
        .select({ id: b.id, sha256: b.resultSha256, sizeBytes: b.resultBytes })
        .from(b)
        .where(
          and(
            eq(b.workspaceId, ctx.workspaceId),
            isNotNull(b.resultSha256),
            sql`(jsonb_array_length(${b.columns}) > 0 or ${b.rowsFailed} > 0)`,
            last === undefined ? undefined : gt(b.id, last),
          ),
        )
        .orderBy(asc(b.id))
        .limit(PAGE),
    );
    for (const { id, sha256, sizeBytes } of rows) {
      if (sha256 !== null && sizeBytes !== null) yield { id, sha256, sizeBytes };
    }
    last = rows.at(-1)?.id;
    if (rows.length < PAGE) return;
  }
}
