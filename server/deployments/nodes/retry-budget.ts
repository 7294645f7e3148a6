/** Deposits count for this long, milliseconds. */
const WINDOW_MS = 10_000;
const SLOTS = 10;
const SLOT_MS = WINDOW_MS / SLOTS;
/** Retries a second that are free, so that a quiet version is retried at all. */
const FREE_PER_SECOND = 10;

/**
 * How many retries a version may still have: a share of the requests of the last ten seconds, and
 * a few for free (the retry budget of Finagle, Twitter 2016). Keeps retries from multiplying a load
 * that nodes cannot take.
 */
export class RetryBudget {
  private readonly requests = new Array<number>(SLOTS).fill(0);
  private readonly retries = new Array<number>(SLOTS).fill(0);
  private slot = 0;

  constructor(private readonly now: () => number) {
    this.slot = Math.floor(now() / SLOT_MS);
  }

  /** Counts a first attempt. */
  deposit(): void {
    const at = this.turn();
    this.requests[at] = (this.requests[at] ?? 0) + 1;
  }

  /** Takes a retry when there is one left; `percent` of 0 allows none. */
  withdraw(percent: number): boolean {
    const at = this.turn();
    if (percent <= 0) return false;
    const free = (FREE_PER_SECOND * WINDOW_MS) / 1000;
    if (sum(this.retries) + 1 > free + (sum(this.requests) * percent) / 100) return false;
    this.retries[at] = (this.retries[at] ?? 0) + 1;
    return true;
  }

  /** The slot of now, with those that went by emptied. */
  private turn(): number {
    const slot = Math.floor(this.now() / SLOT_MS);
    for (let gone = Math.max(this.slot + 1, slot - SLOTS + 1); gone <= slot; gone++) {
      this.requests[gone % SLOTS] = 0;
      this.retries[gone % SLOTS] = 0;
    }
    this.slot = Math.max(this.slot, slot);
    return this.slot % SLOTS;
  }
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
