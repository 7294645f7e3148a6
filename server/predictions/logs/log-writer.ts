import { sql } from "drizzle-orm";
import { type Database, withWorkspace } from "@/db/client";
import type { Log } from "@/server/kernel/log";
import type { PredictionMetrics } from "../metrics";
import { type LogEntry, logEntryJson } from "./log-entry";

const FLUSH_MS = 250;
const BATCH_ROWS = 500;
const BATCH_BYTES = 4 * 1024 * 1024;
/** What waits in memory while the database is slow or away; more is dropped and counted. */
const BUFFER_ROWS_MAX = 20_000;
const BUFFER_BYTES_MAX = 64 * 1024 * 1024;
const RETRY_MS = 1_000;
const CLOSE_MS = 5_000;

/**
 * Writes prediction logs behind the replies, many in one statement, one workspace a transaction. A
 * row may be tried twice and is stored once. Rows still in memory when a process is killed are lost.
 */
export class LogWriter {
  private buffer: LogEntry[] = [];
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | undefined;

  constructor(
    private readonly db: Database,
    private readonly metrics: PredictionMetrics,
    private readonly log: Pick<Log, "warn">,
  ) {}

  push(entry: LogEntry): void {
    if (this.buffer.length >= BUFFER_ROWS_MAX || this.bytes + entry.bytes > BUFFER_BYTES_MAX) {
      this.metrics.logsDropped.inc();
      return;
    }
    this.buffer.push(entry);
    this.bytes += entry.bytes;
    if (this.buffer.length >= BATCH_ROWS) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS);
  }

  /** Writes what is in the buffer; never throws. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flushing ??= this.drain().finally(() => {
      this.flushing = undefined;
    });
    return this.flushing;
  }

  /** Writes the rest, giving up after some seconds without a database. */
  async close(): Promise<void> {
    const deadline = Date.now() + CLOSE_MS;
    while (this.buffer.length > 0 && Date.now() < deadline) {
      await this.flush();
      if (this.buffer.length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    clearTimeout(this.timer);
    this.metrics.logsDropped.inc(this.buffer.length);
    this.buffer = [];
  }

  private async drain(): Promise<void> {
    while (this.buffer.length > 0) {
      const entries = this.buffer;
      this.buffer = [];
      this.bytes = 0;
      for (const batch of batchesOf(entries)) {
        try {
          await this.write(batch);
        } catch (error) {
          if (isDataError(error)) await this.writeOneByOne(batch);
          else this.keep(batch, error);
        }
      }
      this.metrics.logBuffer.set(this.buffer.length);
      if (this.timer) return;
    }
  }

  private async write(batch: LogEntry[]): Promise<void> {
    const workspaceId = batch[0]?.workspaceId ?? "";
    const json = `[${batch.map(logEntryJson).join(",")}]`;
    await withWorkspace({ db: this.db, workspaceId }, (tx) =>
      tx.execute(sql`
        insert into prediction_logs (workspace_id, request_id, at, deployment_id, variant_id, version_id,
          status, rows, inputs, outputs, error, latency_us, queue_us, compute_us)
        select ${workspaceId}::uuid, r.* from json_to_recordset(${json}::json) as r (request_id uuid,
          at timestamptz, deployment_id uuid, variant_id uuid, version_id uuid, status int, rows int,
          inputs jsonb, outputs jsonb, error text, latency_us int, queue_us int, compute_us int)
        on conflict do nothing`),
    );
    this.metrics.logsWritten.inc(batch.length);
  }

  /** A row the database cannot store must not cost its neighbors. */
  private async writeOneByOne(batch: LogEntry[]): Promise<void> {
    for (const entry of batch) {
      try {
        await this.write([entry]);
      } catch (error) {
        if (isDataError(error)) this.metrics.logsDropped.inc();
        else this.keep([entry], error);
      }
    }
  }

  /** Puts a batch back for later. */
  private keep(batch: LogEntry[], error: unknown): void {
    this.log.warn({ err: error, rows: batch.length }, "prediction logs cannot be written yet");
    const room = Math.max(0, BUFFER_ROWS_MAX - this.buffer.length);
    this.metrics.logsDropped.inc(Math.max(0, batch.length - room));
    const kept = batch.slice(0, room);
    this.buffer = kept.concat(this.buffer);
    this.bytes += kept.reduce((sum, entry) => sum + entry.bytes, 0);
    this.timer ??= setTimeout(() => void this.flush(), RETRY_MS);
  }
}

/** Cuts entries into statements: one workspace each, bounded in rows and bytes. */
function batchesOf(entries: LogEntry[]): LogEntry[][] {
  const open = new Map<string, { batch: LogEntry[]; bytes: number }>();
  const batches: LogEntry[][] = [];
  for (const entry of entries) {
    let current = open.get(entry.workspaceId);
    if (
      !current ||
      current.batch.length >= BATCH_ROWS ||
      current.bytes + entry.bytes > BATCH_BYTES
    ) {
      current = { batch: [], bytes: 0 };
      open.set(entry.workspaceId, current);
      batches.push(current.batch);
    }
    current.batch.push(entry);
    current.bytes += entry.bytes;
  }
  return batches;
}

/** SQLSTATE classes that a repetition cannot cure: data exceptions and broken constraints. */
function isDataError(error: unknown): boolean {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === "string" && /^(22|23)/.test(code);
}
