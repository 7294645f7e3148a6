import { AppError } from "@/server/kernel/errors";
import { type Balance, pickReplica } from "./balance";
import type { Replica } from "./replica";

export interface Chosen<T extends Replica> {
  replica: T;
  /** True past an open breaker. */
  force: boolean;
}

/**
 * The replica that answers the next request. Those whose breaker is open are left out, at most half
 * of them (the newest to fail), so that a fault they share does not put all load on the last one;
 * where every breaker is open nobody is asked: throws unavailable.
 */
export function chooseReplica<T extends Replica>(
  replicas: readonly T[],
  versionId: string,
  options: { balance: Balance; turn: number; draw: () => number },
): Chosen<T> | undefined {
  const open = replicas.filter((one) => !one.breakerOf(versionId).mayTry());
  const pick = (among: readonly T[]) =>
    pickReplica(among, options.balance, options.turn, options.draw);
  if (open.length === 0) {
    const replica = pick(replicas);
    return replica && { replica, force: false };
  }
  if (open.length === replicas.length) {
    throw new AppError("unavailable", "The model does not answer at the moment.", {
      retryAfterSeconds: 1,
    });
  }
  const ejected = new Set(
    open
      .toSorted((a, b) => b.breakerOf(versionId).openSinceMs - a.breakerOf(versionId).openSinceMs)
      .slice(0, Math.floor(replicas.length / 2)),
  );
  const replica = pick(replicas.filter((one) => !ejected.has(one)));
  return replica && { replica, force: open.includes(replica) };
}
