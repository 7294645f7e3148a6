/** Calls that the fit looks back on. */
const CALLS = 50;
/** Calls of at least this many before the fit is believed. */
const CALLS_MIN = 8;

export type CostFit = {
  /** Milliseconds each further row adds; above 0. */
  perRowMs: number;
  /** Milliseconds of a call without rows; 0 or more. */
  fixedMs: number;
};

/**
 * What calls of a model cost: duration = a · rows + b by ordinary least squares over the last calls
 * (as in CORK, Crankshaw et al. 2017, Clipper). Sums are kept, so noting a call is constant work.
 */
export class CallCost {
  private readonly calls: { rows: number; ms: number }[] = [];
  private at = 0;
  private rows = 0;
  private ms = 0;
  private rowsSquared = 0;
  private rowsTimesMs = 0;

  note(rows: number, ms: number): void {
    const oldest = this.calls[this.at];
    if (oldest !== undefined) this.add(oldest, -1);
    const call = { rows, ms };
    this.calls[this.at] = call;
    this.add(call, 1);
    this.at = (this.at + 1) % CALLS;
  }

  private add({ rows, ms }: { rows: number; ms: number }, sign: 1 | -1): void {
    this.rows += sign * rows;
    this.ms += sign * ms;
    this.rowsSquared += sign * rows * rows;
    this.rowsTimesMs += sign * rows * ms;
  }

  /** Undefined until enough calls are known. Where all had the same size, all cost is by the row. */
  fit(): CostFit | undefined {
    const count = this.calls.length;
    if (count < CALLS_MIN) return undefined;
    const spread = count * this.rowsSquared - this.rows * this.rows;
    const meanPerRowMs = this.ms / this.rows;
    if (spread <= 0) return { perRowMs: meanPerRowMs, fixedMs: 0 };
    const perRowMs = (count * this.rowsTimesMs - this.rows * this.ms) / spread;
    const fixedMs = (this.ms - perRowMs * this.rows) / count;
    // Noise over little spread can tilt the line: then the mean is the better guess.
    if (perRowMs <= 0 || fixedMs < 0) return { perRowMs: meanPerRowMs, fixedMs: 0 };
    return { perRowMs, fixedMs };
  }
}

/** Rows of the largest call that takes at most `budgetMs`, 1 to `rowsMax`. */
export function rowsWithin(fit: CostFit, budgetMs: number, rowsMax: number): number {
  const rows = Math.floor((budgetMs - fit.fixedMs) / fit.perRowMs);
  return Math.max(1, Math.min(rowsMax, rows));
}
