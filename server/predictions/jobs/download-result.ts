import { Readable } from "node:stream";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { attachment, openObject, type StoredObject, serveObject } from "@/server/artifacts";
import { parquetToCsv } from "@/server/datasets";
import type { Context } from "@/server/kernel/context";
import { noResult } from "./get-job";
import { type BatchJobRow, getBatchJobInWorkspace } from "./internal";
import { batchJobRef, batchResultQuery } from "./schemas";

/** The file of a finished job. Throws not_found, conflict while there is none. */
export async function resultOf(
  ctx: Context,
  job: string,
): Promise<{ row: BatchJobRow; object: StoredObject }> {
  const row = await withWorkspace(ctx, (tx) => getBatchJobInWorkspace(tx, ctx, job));
  const { resultSha256: sha256, resultBytes: sizeBytes } = row;
  if (sha256 === null || sizeBytes === null) throw noResult(row);
  return { row, object: { sha256, sizeBytes } };
}

/**
 * The result as a download: Parquet with range requests, or made into CSV on the way, whole. Throws
 * not_found, conflict while there is no result.
 */
export async function downloadBatchResult(
  ctx: Context,
  input: z.input<typeof batchJobRef> & z.input<typeof batchResultQuery> & { request: Request },
): Promise<Response> {
  requirePermission(ctx, "predictions:read");
  const { batchJob: job } = batchJobRef.parse(input);
  const { format } = batchResultQuery.parse(input);
  const { object } = await resultOf(ctx, job);
  const fileName = `batch-${job}.${format}`;
  if (format === "parquet") {
    const contentType = "application/vnd.apache.parquet";
    return serveObject(ctx, input.request, object, { fileName, contentType });
  }
  const headers = {
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": attachment(fileName),
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-store",
  };
  if (input.request.method === "HEAD") return new Response(null, { headers });
  const csv = await parquetToCsv(await openObject(ctx, object), object.sizeBytes);
  return new Response(Readable.toWeb(csv) as ReadableStream<Uint8Array>, { headers });
}
