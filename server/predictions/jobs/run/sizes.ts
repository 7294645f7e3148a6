/** How long one request to a node should take, milliseconds: a killed node loses no more. */
const REQUEST_MS = 250;
const REQUEST_ROWS_START = 64;
const REQUEST_ROWS_MAX = 2_048;
/** How far apart checkpoints should be, milliseconds. */
const PART_MS = 2_000;
const PART_ROWS_START = 2_048;
const PART_ROWS_MAX = 65_536;
/** Cells of the model's inputs that a part holds in memory. */
const PART_CELLS_MAX = 4_000_000;

/**
 * How many rows go together, from what they cost so far. Each figure at most doubles from one time
 * to the next, and falls at once. Pure but for what it was told.
 */
export class BatchSizes {
  private requests = REQUEST_ROWS_START;
  private parts = PART_ROWS_START;
  private readonly partMax: number;
  private readonly requestMax: number;

  constructor(features: number) {
    const rows = Math.floor(PART_CELLS_MAX / Math.max(1, features));
    this.partMax = Math.max(1, Math.min(PART_ROWS_MAX, rows));
    this.requestMax = Math.min(REQUEST_ROWS_MAX, this.partMax);
  }

  /** Rows of the next request. */
  get requestRows(): number {
    return Math.min(this.requests, this.requestMax);
  }

  /** Rows of the next part. */
  get partRows(): number {
    return Math.min(this.parts, this.partMax);
  }

  noteRequest(rows: number, ms: number): void {
    // The last request of a part is short and says little.
    if (rows >= this.requestRows || ms > REQUEST_MS) {
      this.requests = nextSize(this.requests, rows, ms, REQUEST_MS, this.requestMax);
    }
  }

  notePart(rows: number, ms: number): void {
    this.parts = nextSize(this.parts, rows, ms, PART_MS, this.partMax);
  }
}

function nextSize(now: number, rows: number, ms: number, aimMs: number, max: number): number {
  const fitting = (rows * aimMs) / Math.max(ms, 0.001);
  return Math.max(1, Math.min(max, Math.round(Math.min(fitting, now * 2))));
}
