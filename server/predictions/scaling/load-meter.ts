/** What was measured since the last time it was taken. */
export interface MeasuredLoad {
  seconds: number;
  /** Requests at the same time, averaged over the time. */
  concurrency: number;
  /** Requests that arrived. */
  requests: number;
}

/** How many requests a deployment has at work in this process, over time. `nowMs` of a monotonic clock. */
export class LoadMeter {
  private inFlight = 0;
  private requests = 0;
  /** Requests × milliseconds. */
  private area = 0;
  private sinceMs: number;
  private changedMs: number;

  constructor(nowMs: number) {
    this.sinceMs = nowMs;
    this.changedMs = nowMs;
  }

  get isBusy(): boolean {
    return this.inFlight > 0 || this.requests > 0;
  }

  private advance(nowMs: number): void {
    this.area += this.inFlight * (nowMs - this.changedMs);
    this.changedMs = nowMs;
  }

  enter(nowMs: number): void {
    this.advance(nowMs);
    this.inFlight++;
    this.requests++;
  }

  leave(nowMs: number): void {
    this.advance(nowMs);
    this.inFlight--;
  }

  /** Answers what was measured and begins anew. */
  take(nowMs: number): MeasuredLoad {
    this.advance(nowMs);
    const ms = nowMs - this.sinceMs;
    const measured = {
      seconds: ms / 1_000,
      concurrency: ms > 0 ? this.area / ms : this.inFlight,
      requests: this.requests,
    };
    this.area = 0;
    this.requests = 0;
    this.sinceMs = nowMs;
    return measured;
  }
}
