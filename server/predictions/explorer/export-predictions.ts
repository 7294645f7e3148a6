import type { z } from "zod";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { Column } from "@/server/kernel/table/column";
import { writeCsv } from "@/server/kernel/table/csv";
import { writeParquet } from "@/server/kernel/table/parquet";
import { toDto } from "./log-rows";
import { cursorOf } from "./places";
import { readLog } from "./read-log";
import { exportPredictionsInput, type PredictionLogDto } from "./schemas";

/** Requests read at a time: no transaction stays open while a slow reader takes them. */
const PAGE = 200;
/** Opening an archive costs more than reading it. */
const ARCHIVED_PAGE = 5_000;

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
  const read = async (cursor: string | undefined): Promise<Read> => {
    const query = { ...filters, cursor, limit: PAGE, order: "desc" as const };
    const options = { archivedLimit: ARCHIVED_PAGE };
    const { items, next } = await readLog(ctx, query, "full", options);
    return { rows: items.map(toDto), next: next && cursorOf(next) };
  };
  const pages = allPages(await read(undefined), read);
  return format === "csv" ? writeCsv(COLUMNS, pages) : writeParquet(COLUMNS, pages);
}

interface Read {
  rows: PredictionLogDto[];
  next: string | null;
}

async function* allPages(
  first: Read,
  read: (cursor: string) => Promise<Read>,
): AsyncGenerator<PredictionLogDto[]> {
  for (let page = first; ; page = await read(page.next)) {
    yield page.rows;
    if (page.next === null) return;
  }
}
