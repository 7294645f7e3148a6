import { type Lease, LeaseLost, renewLease } from "../queue/lease";

/** A lease that renews itself while something slow is done under it. */
export interface KeptLease {
  lease: Lease;
  /** When somebody asked to cancel, or null. */
  cancelRequestedAt: Date | null;
  /** True once the job belongs to somebody else: write nothing, stop nothing. */
  lost: boolean;
  /** Looks now instead of at the next beat. */
  beat(): Promise<void>;
  stop(): void;
}

export function keepLease(lease: Lease, heartbeatMs: number): KeptLease {
  const beat = async (): Promise<void> => {
    try {
      kept.cancelRequestedAt = await renewLease(lease);
    } catch (error) {
      // A database that does not answer is no loss yet: the lease runs on, and the token decides.
      if (error instanceof LeaseLost) {
        kept.lost = true;
        kept.stop();
      }
    }
  };
  const timer = setInterval(() => void beat(), heartbeatMs);
  const kept: KeptLease = {
    lease,
    cancelRequestedAt: null,
    lost: false,
    beat,
    stop: () => clearInterval(timer),
  };
  return kept;
}
