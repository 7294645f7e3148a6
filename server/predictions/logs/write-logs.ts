import { sql } from "drizzle-orm";
import { type Database, withWorkspace } from "@/db/client";
import { CELL_END, type LogEntry, logLine, ROW_END } from "./log-entry";

/** Columns in the order in which `logLine` writes them, with their types. */
const COLUMNS = [
  ["request_id", "uuid"],
  ["at", "timestamptz"],
  ["deployment_id", "uuid"],
  ["variant_id", "uuid"],
  ["version_id", "uuid"],
  ["status", "int"],
  ["rows", "int"],
  ["lane", "text"],
  ["unit", "text"],
  ["inputs", "jsonb"],
  ["outputs", "jsonb"],
  ["confidence", "real"],
  ["error", "text"],
  ["latency_us", "int"],
  ["node_us", "int"],
  ["queue_us", "int"],
  ["compute_us", "int"],
  ["batch_rows", "int"],
  ["is_cached", "boolean"],
  ["trace_id", "text"],
] as const;

const NAMES = sql.raw(COLUMNS.map(([name]) => name).join(", "));
const CELLS = sql.raw(COLUMNS.map(([, type], at) => `c[${at + 1}]::${type}`).join(", "));

/**
 * Writes entries of one workspace in one statement. As one text it costs the least of all ways that
 * row-level security allows (bench/logs). An entry that is stored already is left as it is.
 */
export async function writeLogs(
  db: Database,
  workspaceId: string,
  entries: readonly LogEntry[],
): Promise<void> {
  const text = entries.map(logLine).join(ROW_END);
  const insert = () =>
    withWorkspace({ db, workspaceId }, (tx) =>
      tx.execute(sql`
        insert into prediction_logs (workspace_id, ${NAMES}) select ${workspaceId}::uuid, ${CELLS}
        from string_to_table(${text}, ${ROW_END}) as line, string_to_array(line, ${CELL_END}, '') as c
        on conflict do nothing`),
    );
  try {
    await insert();
  } catch (error) {
    if (!isMissingDay(error)) throw error;
    await makeDaysOf(db, entries);
    await insert();
  }
}

/** Upkeep makes the days ahead; this is for a worker that was away for long. */
async function makeDaysOf(db: Database, entries: readonly LogEntry[]): Promise<void> {
  const days = new Set(entries.map(({ atMs }) => new Date(atMs).toISOString().slice(0, 10)));
  for (const day of days) await db.pool.query("select make_prediction_days($1, $1)", [day]);
}

const causeOf = (error: unknown) =>
  (error instanceof Error && error.cause ? error.cause : error) as
    | { code?: unknown; message?: unknown }
    | null
    | undefined;

const isMissingDay = (error: unknown): boolean =>
  causeOf(error)?.code === "23514" && String(causeOf(error)?.message).includes("no partition");

/** SQLSTATE classes that a repetition cannot cure: data exceptions and broken constraints. */
export function isDataError(error: unknown): boolean {
  const code = causeOf(error)?.code;
  return typeof code === "string" && /^(22|23)/.test(code);
}
