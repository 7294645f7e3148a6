import type { Readable } from "node:stream";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { openObject, serveObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import type { DatasetFormat } from "./constants";
import { type DatasetRow, getDatasetInWorkspace } from "./internal";

export interface DatasetContent {
  /** Fails before its end when the stored bytes are damaged. */
  stream: Readable;
  name: string;
  version: number;
  format: DatasetFormat;
  /** What separates the fields of a CSV; null for Parquet. */
  delimiter: string | null;
  sha256: string;
  sizeBytes: number;
}

async function load(ctx: Context, idOrName: string): Promise<DatasetRow> {
  requirePermission(ctx, "datasets:read");
  return withWorkspace(ctx, (tx) => getDatasetInWorkspace(tx, ctx, idOrName));
}

/** The bytes as they were uploaded, for training. The caller reads or destroys the stream. */
export async function openDatasetContent(
  ctx: Context,
  input: { datasetId: string },
): Promise<DatasetContent> {
  const row = await load(ctx, input.datasetId);
  const { name, version, delimiter, sha256, sizeBytes } = row;
  const stream = await openObject(ctx, row);
  return {
    stream,
    name,
    version,
    format: row.format as DatasetFormat,
    delimiter,
    sha256,
    sizeBytes,
  };
}

/** The bytes as a download with range requests. */
export async function downloadDataset(
  ctx: Context,
  input: { dataset: string; request: Request },
): Promise<Response> {
  const row = await load(ctx, input.dataset);
  return serveObject(ctx, input.request, row, {
    fileName: `${row.name}-v${row.version}.${row.format}`,
    contentType:
      row.format === "csv" ? "text/csv; charset=utf-8" : "application/vnd.apache.parquet",
  });
}
