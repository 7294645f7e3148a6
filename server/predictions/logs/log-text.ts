import { LogBatch } from "./log-batch";
import type { LogEntry } from "./log-entry";

/** Entries become text this long after they came, milliseconds: behind their replies, while young. */
const SEAL_MS = 5;
const SPARE_MAX = 16;

/** Turns entries into batches of text, one workspace each, oldest first. */
export class LogText {
  private fresh: LogEntry[] = [];
  private open = new Map<string, LogBatch>();
  private ready: LogBatch[] = [];
  private readonly spare: LogBatch[] = [];
  private timer: NodeJS.Timeout | undefined;
  rows = 0;
  /** What waits counts for in memory. */
  weight = 0;

  /** `lost` is told of rows that cannot be written as text. */
  constructor(private readonly lost: (rows: number) => void) {}

  push(entry: LogEntry): void {
    this.fresh.push(entry);
    this.rows++;
    this.weight += entry.bytes;
    this.timer ??= setTimeout(() => this.seal(), SEAL_MS);
  }

  private seal(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { fresh } = this;
    this.fresh = [];
    for (const entry of fresh) {
      try {
        this.batchFor(entry.workspaceId).add(entry);
      } catch {
        this.rows--;
        this.weight -= entry.bytes;
        this.lost(1);
      }
    }
  }

  private batchFor(workspaceId: string): LogBatch {
    const open = this.open.get(workspaceId);
    if (open && !open.isFull) return open;
    const next = this.spare.pop()?.reused(workspaceId) ?? new LogBatch(workspaceId);
    this.open.set(workspaceId, next);
    this.ready.push(next);
    return next;
  }

  /** Everything that waits; from now on the caller's. */
  take(): LogBatch[] {
    this.seal();
    const taken = this.ready.filter((batch) => batch.rows > 0);
    this.ready = [];
    this.open.clear();
    this.rows = 0;
    this.weight = 0;
    return taken;
  }

  /** Puts a batch back before what came after it. */
  keep(batch: LogBatch): void {
    this.ready.unshift(batch);
    this.rows += batch.rows;
    this.weight += batch.weight;
  }

  /** Gives back the memory of a batch that was written. */
  release(batch: LogBatch): void {
    if (this.spare.length < SPARE_MAX) this.spare.push(batch);
  }
}
