import { sql } from "drizzle-orm";
import { type Database, withWorkspace } from "@/db/client";
import type { LogBatch } from "./log-batch";
import { CELL_END, ROW_END } from "./log-entry";

/**
 * Writes a batch in one statement. As one text it costs the least of all ways that row-level security
 * allows (bench/logs). An entry that is stored already is left as it is.
 */
export async function writeLogs(db: Database, batch: LogBatch): Promise<void> {
  const { workspaceId } = batch;
  // A buffer goes out as it is, and is the binary form of a text.
  const text = batch.text();
  const insert = () =>
    withWorkspace({ db, workspaceId }, (tx) =>
      tx.execute(sql`
        insert into prediction_logs (workspace_id, request_id, at, deployment_id, variant_id, version_id,
          status, rows, lane, unit, inputs, outputs, confidence, error, latency_us, node_us, queue_us,
          compute_us, batch_rows, is_cached, trace_id, is_pinned)
        select ${workspaceId}::uuid, c[1]::uuid, c[2]::timestamptz, c[3]::uuid, c[4]::uuid, c[5]::uuid,
          c[6]::int, c[7]::int, c[8], c[9], c[10]::json, c[11]::json, c[12]::real, c[13], c[14]::int, c[15]::int, c[16]::int,
          c[17]::int, c[18]::int, c[19]::boolean, c[20], c[21]::boolean
        from string_to_table(${text}::text, ${ROW_END}) as line, string_to_array(line, ${CELL_END}, '') as c
        on conflict do nothing`),
    );
  try {
    await insert();
  } catch (error) {
    if (!isMissingDay(error)) throw error;
    await makeDaysOf(db, batch);
    await insert();
  }
}

/** Upkeep makes the days ahead; this is for a worker that was away for long. */
async function makeDaysOf(db: Database, { firstMs, lastMs }: LogBatch): Promise<void> {
  const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const range = [dayOf(firstMs), dayOf(lastMs)];
  await db.pool.query("select make_prediction_days($1, $2)", range);
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
