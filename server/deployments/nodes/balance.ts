import type { RoutingSettings } from "../settings/routing";

export type Balance = RoutingSettings["balance"];

interface Busy {
  inFlight: number;
}

/**
 * One of the replicas that may answer, or undefined when there is none. `turn` counts the requests
 * of the version, `draw` is even over [0, 1). Pure.
 */
export function pickReplica<T extends Busy>(
  replicas: readonly T[],
  balance: Balance,
  turn: number,
  draw: () => number,
): T | undefined {
  if (replicas.length < 2) return replicas[0];
  if (balance === "round_robin") return replicas[turn % replicas.length];
  if (balance === "power_of_two" && replicas.length > 2) return lessBusyOfTwo(replicas, draw);
  return leastBusy(replicas);
}

const leastBusy = <T extends Busy>(replicas: readonly T[]): T | undefined =>
  replicas.reduce((best, one) => (one.inFlight < best.inFlight ? one : best));

/** Two different ones by chance, then the less busy (Mitzenmacher 2001). */
function lessBusyOfTwo<T extends Busy>(replicas: readonly T[], draw: () => number): T | undefined {
  const first = Math.floor(draw() * replicas.length);
  const other = (first + 1 + Math.floor(draw() * (replicas.length - 1))) % replicas.length;
  const [a, b] = [replicas[first], replicas[other]];
  return a && b && b.inFlight < a.inFlight ? b : a;
}
