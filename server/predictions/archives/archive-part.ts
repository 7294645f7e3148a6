import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sql } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { predictionArchives } from "@/db/schema";
import { storeObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { writeParquet } from "@/server/kernel/table/parquet";
import { FILE_COLUMNS } from "./archive-table";
import { type ArchiveFile, type OpenArchives, withArchives } from "./ask-archives";
import { type DaySlice, inSlice, PartBook, readPart } from "./read-part";
import type { CheckTask } from "./tasks";

/** A file of 128 MiB of payload is smaller, whatever it holds. */
const FILE_BYTES_MAX = 1024 * 1024 * 1024;

/** Rows came or went while they were written; nothing was changed. */
export class LogMoved extends Error {}

/**
 * Moves the oldest requests of a slice, as many as one file takes, into the artifact store: written,
 * read back, stored, and only then deleted here, in the transaction that makes the archive known. A
 * kill at any moment leaves every request in exactly one place. Answers how many; throws LogMoved.
 */
export async function archivePart(ctx: Context, slice: DaySlice): Promise<number> {
  return withArchives(ctx, [], async (open) => {
    const path = join(open.folder, "part.parquet");
    const book = new PartBook();
    await pipeline(
      Readable.from(writeParquet(FILE_COLUMNS, readPart(ctx, slice, book), "ZSTD"), {
        objectMode: false,
      }),
      createWriteStream(path, { mode: 0o600 }),
    );
    if (book.requests === 0) return 0;
    await check(open, path, book);
    const content = createReadStream(path);
    const file = await ctx.ports.objects.put(ctx.workspaceId, content, FILE_BYTES_MAX);
    await commitPart(ctx, slice, book, file);
    return book.requests;
  });
}

/** What lies in the file is what was read, request by request. */
async function check(open: OpenArchives, path: string, book: PartBook): Promise<void> {
  const written = await open.ask<CheckTask>({ kind: "check", paths: [path] });
  if (written.requests !== book.requests || written.digest !== book.digest()) {
    throw new Error("an archive does not hold what was written into it");
  }
}

async function commitPart(
  ctx: Context,
  slice: DaySlice,
  book: PartBook,
  file: ArchiveFile,
): Promise<void> {
  const { first, last, requests } = book;
  if (!first || !last) return;
  await withWorkspace(ctx, async (tx) => {
    const { rows } = await tx.execute<{ requests: number; digest: string | null }>(sql`
      with gone as (
        delete from prediction_logs where ${inSlice(ctx, slice)}
          and (at, request_id) >= (${first.at.toISOString()}::timestamptz, ${first.request_id}::uuid)
          and (at, request_id) <= (${last.at.toISOString()}::timestamptz, ${last.request_id}::uuid)
        returning at, request_id)
      select count(*)::int as requests,
        encode(sha256(convert_to(string_agg(request_id::text, ',' order by at, request_id), 'UTF8')), 'hex') as digest
      from gone`);
    if (rows[0]?.requests !== requests || rows[0]?.digest !== book.digest()) throw new LogMoved();
    await storeObject(tx, ctx, file);
    await tx.insert(predictionArchives).values({
      ...{ workspaceId: ctx.workspaceId, id: newId(ctx.now().getTime()) },
      ...{ deploymentId: slice.deploymentId, fromAt: first.at, toAt: last.at, requests },
      ...{ sha256: file.sha256, sizeBytes: file.sizeBytes, createdAt: ctx.now() },
    });
  });
}
