import { arrive, type BucketState } from "./gcra";
import type { BucketPair, Limit } from "./verdict";

/** Full buckets are forgotten when there are more than this. */
const BUCKETS_MAX = 50_000;

/** Buckets of this process. A call costs two look-ups and no allocation that outlives it. */
export class LocalBuckets {
  private readonly arrivals = new Map<string, number>();

  /** Takes from both buckets or from none. */
  take(key: Limit, workspace: Limit, nowMs: number): BucketPair {
    const first = key.perSecond > 0 ? this.look(key, nowMs) : undefined;
    const second = workspace.perSecond > 0 ? this.look(workspace, nowMs) : undefined;
    const isAllowed = (first?.state.isAllowed ?? true) && (second?.state.isAllowed ?? true);
    if (isAllowed) {
      if (first) this.arrivals.set(key.id, first.tat);
      if (second) this.arrivals.set(workspace.id, second.tat);
      if (this.arrivals.size > BUCKETS_MAX) this.forget(nowMs);
    }
    return { isAllowed, key: first?.state, workspace: second?.state };
  }

  get size(): number {
    return this.arrivals.size;
  }

  private look(limit: Limit, nowMs: number): { state: BucketState; tat: number } {
    return arrive(this.arrivals.get(limit.id) ?? 0, limit.perSecond, nowMs);
  }

  /** A bucket that is full again is the same as none. */
  private forget(nowMs: number): void {
    for (const [id, tat] of this.arrivals) if (tat <= nowMs) this.arrivals.delete(id);
    if (this.arrivals.size > BUCKETS_MAX) this.arrivals.clear();
  }
}
