import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleType,
  type IBreaker,
  SamplingBreaker,
} from "cockatiel";
import { NodeUnavailable } from "@/server/node/client";

/** Failures one after the other that open a breaker. */
const CONSECUTIVE_MAX = 5;
/** Share of failures within ten seconds that opens one, from this many calls a second. */
const SAMPLING = { threshold: 0.5, duration: 10_000, minimumRps: 1 };
/** How long it stays open before one request tries again, milliseconds. */
const HALF_OPEN_MS = 1_000;

/** Opens on either rule. */
class EitherBreaker implements IBreaker {
  private readonly rules = [new ConsecutiveBreaker(CONSECUTIVE_MAX), new SamplingBreaker(SAMPLING)];
  state: unknown = null;

  success(state: CircuitState): void {
    for (const rule of this.rules) (rule as IBreaker).success(state);
  }

  failure(state: CircuitState): boolean {
    const opened = this.rules.map((rule) => (rule as IBreaker).failure(state));
    return opened.includes(true);
  }
}

/**
 * Watches one version on one node. A node that does not answer counts; a refused input and a full
 * queue do not, for the node is well.
 */
export class ReplicaBreaker {
  private openedAtMs = 0;
  private nextTryMs = 0;
  private readonly policy = circuitBreaker(handleType(NodeUnavailable), {
    halfOpenAfter: HALF_OPEN_MS,
    breaker: new EitherBreaker(),
  });

  constructor() {
    this.policy.onBreak(() => {
      const now = Date.now();
      if (this.openedAtMs === 0) this.openedAtMs = now;
      this.nextTryMs = now + HALF_OPEN_MS;
    });
    this.policy.onReset(() => {
      this.openedAtMs = 0;
    });
  }

  /** When it opened, milliseconds since the epoch; 0 while it is closed. */
  get openSinceMs(): number {
    return this.openedAtMs;
  }

  /** Whether a request may be the one that tries an open replica again. */
  mayTry(): boolean {
    if (this.policy.state === CircuitState.Closed) return true;
    return this.policy.state === CircuitState.Open && Date.now() >= this.nextTryMs;
  }

  /** Runs the call and learns from it. Throws BrokenCircuitError without a call while open. */
  run<T>(call: () => Promise<T>): Promise<T> {
    return this.policy.execute(call);
  }
}
