import { type LogEntry, logLine, ROW_END } from "./log-entry";

/** More in one statement saves little and holds up the requests beside it. */
const ROWS_MAX = 256;
const BYTES_MAX = 4 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;
/** What a buffer may have grown to and still be used again. */
const KEPT_BYTES_MAX = 512 * 1024;
/** Bytes of UTF-8 that one unit of a JavaScript string takes at most. */
const UNIT_BYTES_MAX = 3;

/**
 * Rows of one workspace as the text of one statement. They lie outside of the heap: as objects they
 * would outlive the young generation while they wait, which costs the garbage collector most of its time.
 */
export class LogBatch {
  private bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private at = 0;
  private readonly ends: number[] = [];
  /** What its entries count for in memory. */
  weight = 0;
  firstMs = Infinity;
  lastMs = -Infinity;

  constructor(readonly workspaceId: string) {}

  get rows(): number {
    return this.ends.length;
  }

  get isFull(): boolean {
    return this.rows >= ROWS_MAX || this.at >= BYTES_MAX;
  }

  add(entry: LogEntry): void {
    const line = this.rows === 0 ? logLine(entry) : ROW_END + logLine(entry);
    this.reserve(line.length * UNIT_BYTES_MAX);
    this.at += this.bytes.write(line, this.at);
    this.ends.push(this.at);
    this.weight += entry.bytes;
    this.firstMs = Math.min(this.firstMs, entry.atMs);
    this.lastMs = Math.max(this.lastMs, entry.atMs);
  }

  private reserve(more: number): void {
    const wanted = this.at + more;
    if (wanted <= this.bytes.byteLength) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.bytes.byteLength));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }

  /** All rows as UTF-8, good until the batch is used again. */
  text(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  /** Keeps the first rows only. */
  truncate(rows: number): void {
    if (rows >= this.rows) return;
    this.weight *= rows / this.rows;
    this.ends.length = rows;
    this.at = this.ends.at(-1) ?? 0;
  }

  /** Each row as a batch of its own. */
  split(): LogBatch[] {
    let from = 0;
    return this.ends.map((end) => {
      const one = new LogBatch(this.workspaceId);
      one.bytes = this.bytes.subarray(from, end);
      one.at = end - from;
      one.ends.push(one.at);
      one.weight = this.weight / this.rows;
      one.firstMs = this.firstMs;
      one.lastMs = this.lastMs;
      from = end + ROW_END.length;
      return one;
    });
  }

  /** A batch for another workspace over the memory of this one, which must not be used any more. */
  reused(workspaceId: string): LogBatch {
    const next = new LogBatch(workspaceId);
    if (this.bytes.byteLength <= KEPT_BYTES_MAX) next.bytes = this.bytes;
    return next;
  }
}
