import type { Database } from "@/db/client";
import { newId } from "@/server/kernel/ids";
import type { Log } from "@/server/kernel/log";
import type { PredictionMetrics } from "../metrics";
import { registerTotals } from "../metrics-totals";
import { CountBook, type CountNames } from "./count-book";
import type { LogBatch } from "./log-batch";
import type { LogEntry } from "./log-entry";
import { LogText } from "./log-text";
import { writeCounts } from "./write-counts";
import { isDataError, writeLogs } from "./write-logs";

const FLUSH_MS = 250;
const COUNTS_MS = 1_000;
/** Rows that wait before a flush begins ahead of its time. */
const EAGER_ROWS = 500;
/** What waits in memory while the database is slow or away; more is dropped and counted. */
const BUFFER_ROWS_MAX = 20_000;
const BUFFER_BYTES_MAX = 64 * 1024 * 1024;
const RETRY_MS = 1_000;
const CLOSE_MS = 5_000;

interface Options {
  /** Evenly spread over [0, 1); decides which answered requests are kept. */
  draw?: () => number;
  /** What totals are called by; ids where absent. */
  names?: CountNames;
}

/**
 * Counts every request and writes prediction logs behind the replies, many in one statement, one
 * workspace a transaction. A row may be tried twice and is stored once. A process that is killed loses
 * the rows of a quarter of a second and the counts of one second.
 */
export class LogWriter {
  readonly counts: CountBook;
  private readonly id = newId();
  private readonly draw: () => number;
  private readonly waiting: LogText;
  private timer: NodeJS.Timeout | undefined;
  private countsTimer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | undefined;
  private counting: Promise<boolean> | undefined;

  constructor(
    private readonly db: Database,
    private readonly metrics: PredictionMetrics,
    private readonly log: Pick<Log, "warn">,
    options: Options = {},
  ) {
    this.draw = options.draw ?? Math.random;
    this.counts = new CountBook(options.names);
    this.waiting = new LogText((rows) => metrics.logsDropped.inc(rows));
    registerTotals(metrics.registry, this.counts);
  }

  /** Counts the entry and keeps it where the deployment's sampling says so; failures always. */
  push(entry: LogEntry): void {
    this.counts.add(entry);
    this.countsTimer ??= setTimeout(() => void this.flushCounts(), COUNTS_MS);
    const rate = entry.logging?.sampleRate ?? 1;
    if (rate < 1 && entry.status < 400 && this.draw() >= rate) return;
    const { waiting } = this;
    if (waiting.rows >= BUFFER_ROWS_MAX || waiting.weight + entry.bytes > BUFFER_BYTES_MAX) {
      this.metrics.logsDropped.inc();
      return;
    }
    waiting.push(entry);
    if (waiting.rows >= EAGER_ROWS) void this.flushRows();
    else this.timer ??= setTimeout(() => void this.flushRows(), FLUSH_MS);
  }

  /** Writes what is in memory; never throws. */
  async flush(): Promise<void> {
    await Promise.all([this.flushRows(), this.flushCounts()]);
  }

  private flushRows(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flushing ??= this.drain().finally(() => {
      this.flushing = undefined;
    });
    return this.flushing;
  }

  /** Answers whether all counts are stored; what was counted while a write ran is written after it. */
  private async flushCounts(): Promise<boolean> {
    clearTimeout(this.countsTimer);
    this.countsTimer = undefined;
    await this.counting;
    this.counting = this.writeChanged().finally(() => {
      this.counting = undefined;
    });
    return this.counting;
  }

  private async writeChanged(): Promise<boolean> {
    try {
      for (const [workspaceId, rows] of this.counts.changed()) {
        await writeCounts(this.db, this.id, workspaceId, rows);
        for (const row of rows) row.isDirty = false;
      }
      this.counts.forgetEnded();
      return true;
    } catch (error) {
      this.log.warn({ err: error }, "prediction counts cannot be written yet");
      this.countsTimer ??= setTimeout(() => void this.flushCounts(), RETRY_MS);
      return false;
    }
  }

  /** Writes the rest, giving up after some seconds without a database. */
  async close(): Promise<void> {
    const deadline = Date.now() + CLOSE_MS;
    for (;;) {
      await this.flushRows();
      const isCounted = await this.flushCounts();
      if ((this.waiting.rows === 0 && isCounted) || Date.now() >= deadline) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    clearTimeout(this.timer);
    clearTimeout(this.countsTimer);
    for (const { rows } of this.waiting.take()) this.metrics.logsDropped.inc(rows);
  }

  private async drain(): Promise<void> {
    while (this.waiting.rows > 0) {
      for (const batch of this.waiting.take()) {
        try {
          await this.write(batch);
          this.waiting.release(batch);
        } catch (error) {
          if (isDataError(error)) await this.writeOneByOne(batch);
          else this.keep(batch, error);
        }
      }
      this.metrics.logBuffer.set(this.waiting.rows);
      if (this.timer) return;
    }
  }

  private async write(batch: LogBatch): Promise<void> {
    await writeLogs(this.db, batch);
    this.metrics.logsWritten.inc(batch.rows);
  }

  /** A row the database cannot store must not cost its neighbors. */
  private async writeOneByOne(batch: LogBatch): Promise<void> {
    for (const one of batch.split()) {
      try {
        await this.write(one);
      } catch (error) {
        if (isDataError(error)) this.metrics.logsDropped.inc();
        else this.keep(one, error);
      }
    }
  }

  /** Puts a batch back for later, as far as there is room. */
  private keep(batch: LogBatch, error: unknown): void {
    const { rows } = batch;
    this.log.warn({ err: error, rows }, "prediction logs cannot be written yet");
    batch.truncate(Math.max(0, BUFFER_ROWS_MAX - this.waiting.rows));
    this.metrics.logsDropped.inc(rows - batch.rows);
    if (batch.rows > 0) this.waiting.keep(batch);
    this.timer ??= setTimeout(() => void this.flushRows(), RETRY_MS);
  }
}
