import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { encodeCursor } from "@/server/kernel/paging";
import type { Column } from "@/server/kernel/table/column";
import { writeCsv } from "@/server/kernel/table/csv";
import { writeParquet } from "@/server/kernel/table/parquet";
import { readLogs } from "./list-predictions";
import { toDto } from "./log-rows";
import { exportPredictionsInput, type PredictionLogDto } from "./schemas";

/** Requests read at a time: no transaction stays open while a slow reader takes them. */
const PAGE = 200;

const json = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value);

const text = (
  name: string,
  cell: (row: PredictionLogDto) => string | null,
): Column<PredictionLogDto> => ({ name, type: "text", cell });
const number = (
  name: string,
  cell: (row: PredictionLogDto) => number | null,
): Column<PredictionLogDto> => ({ name, type: "number", cell });
const time = (
  name: string,
  cell: (row: PredictionLogDto) => string | null,
): Column<PredictionLogDto> => ({
  name,
  type: "time",
  cell: (row) => {
    const at = cell(row);
    return at === null ? null : new Date(at);
  },
});

const COLUMNS: Column<PredictionLogDto>[] = [
  time("at", (row) => row.at),
  text("request_id", (row) => row.requestId),
  text("deployment", (row) => row.deploymentName ?? row.deploymentId),
  text("variant", (row) => row.variantName),
  number("version", (row) => row.versionNumber),
  text("lane", (row) => row.lane),
  text("unit", (row) => row.unit),
  number("status", (row) => row.status),
  text("error", (row) => row.error),
  number("rows", (row) => row.rows),
  number("latency_ms", (row) => row.latencyMs),
  number("node_ms", (row) => row.nodeMs),
  number("queue_ms", (row) => row.queueMs),
  number("compute_ms", (row) => row.computeMs),
  number("batch_rows", (row) => row.batchRows),
  text("cached", (row) => String(row.isCached)),
  number("confidence", (row) => row.confidence),
  text("trace_id", (row) => row.traceId),
  text("inputs", (row) => json(row.inputs)),
  text("outputs", (row) => json(row.outputs)),
  text("outcome", (row) => json(row.outcome)),
  time("outcome_at", (row) => row.outcomeAt),
];

/**
 * The log rows a filter lets through as one table, newest first, a line a request with all its rows
 * as JSON: CSV (RFC 4180) or Parquet, in pieces. Permission and filter are checked before the first
 * piece. Throws not_found, validation_failed.
 */
export async function exportPredictions(
  ctx: Context,
  input: z.input<typeof exportPredictionsInput>,
): Promise<AsyncGenerator<Uint8Array>> {
  requirePermission(ctx, "predictions:read");
  const { format, ...filters } = exportPredictionsInput.parse(input);
  const read = async (cursor: string | undefined) => {
    const query = { ...filters, cursor, limit: PAGE, order: "desc" as const };
    return (await withWorkspace(ctx, (tx) => readLogs(tx, ctx, query, "full"))).map(toDto);
  };
  const pages = allPages(await read(undefined), read);
  return format === "csv" ? writeCsv(COLUMNS, pages) : writeParquet(COLUMNS, pages);
}

async function* allPages(
  first: PredictionLogDto[],
  read: (cursor: string) => Promise<PredictionLogDto[]>,
): AsyncGenerator<PredictionLogDto[]> {
  let rows = first;
  for (;;) {
    yield rows.slice(0, PAGE);
    const last = rows[PAGE - 1];
    if (rows.length <= PAGE || !last) return;
    rows = await read(encodeCursor([last.at, last.requestId]));
  }
}
