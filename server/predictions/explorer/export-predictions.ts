import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { Column } from "@/server/kernel/table/column";
import { writeCsv } from "@/server/kernel/table/csv";
import { writeParquet } from "@/server/kernel/table/parquet";
import { lostAmong } from "../archives/read-archives";
import type { ArchiveRecord } from "../archives/remove-archive";
import { type UnreadDay, unreadDays } from "../archives/unread-days";
import { toDto } from "./log-rows";
import { cursorOf } from "./places";
import { archivesOf } from "./plan-archives";
import { deploymentIdOf, readLog } from "./read-log";
import { exportPredictionsInput, type LogQuery, type PredictionLogDto } from "./schemas";

/** Requests read at a time: no transaction stays open while a slow reader takes them. */
const PAGE = 200;
/** Opening an archive costs more than reading it. */
const ARCHIVED_PAGE = 5_000;
/** Archives of one export: more than a century of days. */
const ARCHIVES_MAX = 100_000;
const TRIES = 4;
const RETRY_MS = 2_000;

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
  text("pinned", (row) => String(row.isPinned)),
  number("confidence", (row) => row.confidence),
  text("trace_id", (row) => row.traceId),
  text("inputs", (row) => json(row.inputs)),
  text("outputs", (row) => json(row.outputs)),
  text("outcome", (row) => json(row.outcome)),
  time("outcome_at", (row) => row.outcomeAt),
];

/** An export as it begins. */
export interface Export {
  pieces: AsyncGenerator<Uint8Array>;
  /** Days that lie in archives which cannot be read, so not in the export. */
  unread: UnreadDay[];
}

/**
 * The log rows a filter lets through as one table, newest first, a line a request with all its rows
 * as JSON: CSV (RFC 4180) or Parquet, in pieces. Permission, filter and archives are checked before
 * the first piece. An archive that cannot be read for the moment is tried again, then the pieces end
 * with unavailable. Throws not_found, validation_failed.
 */
export async function exportPredictions(
  ctx: Context,
  input: z.input<typeof exportPredictionsInput>,
): Promise<Export> {
  requirePermission(ctx, "predictions:read");
  const { format, ...filters } = exportPredictionsInput.parse(input);
  const query = { ...filters, cursor: undefined, limit: PAGE, order: "desc" as const };
  const unread = unreadDays(await lostAmong(ctx, await archivesAsked(ctx, query)));
  const known = new Set(unread.map(({ day }) => day));
  const read = (cursor: string | undefined) => readOn(ctx, { ...query, cursor }, known);
  const pages = allPages(await read(undefined), read);
  const pieces = format === "csv" ? writeCsv(COLUMNS, pages) : writeParquet(COLUMNS, pages);
  return { pieces, unread };
}

async function archivesAsked(ctx: Context, query: LogQuery): Promise<ArchiveRecord[]> {
  return withWorkspace(ctx, async (tx) => {
    const { deployment } = query;
    const deploymentId = deployment && (await deploymentIdOf(tx, ctx, deployment));
    return archivesOf(tx, ctx, { ...query, deploymentId }, { limit: ARCHIVES_MAX });
  });
}

interface Read {
  rows: PredictionLogDto[];
  next: string | null;
}

/** A page; an archive that was good when the export began is waited for. */
async function readOn(ctx: Context, query: LogQuery, known: ReadonlySet<string>): Promise<Read> {
  for (let tries = 1; ; tries++) {
    const page = await readLog(ctx, query, "full", { archivedLimit: ARCHIVED_PAGE });
    const [lost] = unreadDays(page.unread).filter(({ day }) => !known.has(day));
    if (!lost) return { rows: page.items.map(toDto), next: page.next && cursorOf(page.next) };
    if (tries === TRIES) {
      throw new AppError("unavailable", `An archive of ${lost.day} could not be read.`);
    }
    await sleep(RETRY_MS * tries);
  }
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
