/** The estimate looks back about this long, or ten quick answers where those take longer. */
const MEMORY_MS = 1_000;
const MEMORY_ANSWERS = 10;
/** A quiet spell forgets the quickest answer by this factor a second, so that it follows the model. */
const FORGET_PER_SECOND = 1.02;
/** Below this many requests at work there is no queue worth the name. */
const CROWD = 8;
/** Answers that must have been seen before the estimate says anything. */
const ANSWERS_MIN = 8;
/** Answers closer together than this share of the quickest came out of one call. */
const SAME_CALL = 0.1;

/**
 * How long a request that came now would wait before its turn: requests at work times the mean time
 * between two answers while busy (Little's law), less what an answer takes without any queue.
 * Times are milliseconds of a monotonic clock.
 */
export class QueueEstimate {
  inFlight = 0;
  /** Busy time and answers, both fading at the same rate. */
  private busyMs = 0;
  private answers = 0;
  /** The call whose answers are coming in: it counts as a whole, when the next one begins. */
  private call = { busyMs: 0, answers: 0 };
  private quickestMs = Infinity;
  private lastEventMs = 0;

  arrived(nowMs: number): void {
    if (this.inFlight === 0) this.lastEventMs = nowMs;
    this.inFlight++;
  }

  departed(nowMs: number, tookMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.lastEventMs);
    this.lastEventMs = nowMs;
    this.inFlight--;
    this.quickestMs = Math.min(tookMs, this.quickestMs);
    const { call } = this;
    if (elapsedMs > SAME_CALL * this.quickestMs || call.busyMs > this.quickestMs) {
      this.fade(call.busyMs);
      this.busyMs += call.busyMs;
      this.answers += call.answers;
      call.busyMs = 0;
      call.answers = 0;
    }
    call.busyMs += elapsedMs;
    call.answers++;
  }

  private fade(elapsedMs: number): void {
    const memoryMs = Math.max(MEMORY_MS, MEMORY_ANSWERS * this.quickestMs);
    const kept = Math.exp(-elapsedMs / memoryMs);
    this.busyMs *= kept;
    this.answers *= kept;
    this.quickestMs *= FORGET_PER_SECOND ** (elapsedMs / 1000);
  }

  /** Milliseconds; 0 while few are at work or too little is known. */
  waitMs(): number {
    const { inFlight } = this;
    if (inFlight < CROWD || this.answers < ANSWERS_MIN) return 0;
    return Math.max(0, (inFlight * this.busyMs) / this.answers - this.quickestMs);
  }
}
