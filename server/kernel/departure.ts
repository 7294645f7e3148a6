import { AppError } from "./errors";

/** Tells when nobody waits for an answer any more; an AbortSignal is one. */
export interface Departure {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** A departure without the cost of an AbortController, which every request would pay. */
export class CallerDeparture implements Departure {
  aborted = false;
  private listeners: (() => void)[] = [];

  addEventListener(_type: "abort", listener: () => void): void {
    this.listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.listeners.indexOf(listener);
    if (at >= 0) this.listeners.splice(at, 1);
  }

  /** Tells every listener, once. */
  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.listeners.splice(0)) listener();
  }
}

/** The status, as HTTP servers log it, of a request whose caller left before the answer. */
export const CALLER_GONE_STATUS = 499;

/** Nobody waits for the answer any more: no fault of the model and of no node. */
export class CallerGone extends AppError {
  constructor() {
    super("unavailable", "The caller is gone.", { retryAfterSeconds: 1 });
  }
}
