import { hash } from "node:crypto";

/** Units fall into this many buckets; a bucket is a hundredth of a percent. */
export const BUCKETS = 10_000;

export interface Share {
  id: string;
  /** Percent. */
  weight: number;
}

/**
 * The bucket of a unit in a deployment: the first 32 bits, big endian, of the SHA-256 of
 * "deployment id:unit", modulo 10,000.
 */
export function bucketOf(deploymentId: string, unit: string): number {
  return hash("sha256", `${deploymentId}:${unit}`, "buffer").readUInt32BE(0) % BUCKETS;
}

/**
 * Which share each bucket belongs to, as an index into `shares` (oldest first, weights that add up
 * to more than 0). Each share but the oldest has its own fixed order of all buckets and takes the
 * first free ones of it, newest share first; the oldest keeps the rest. So counts are exact, and a
 * share that grows keeps every bucket it had: with two shares a change of d percent moves exactly
 * d percent of the units.
 */
export function spreadBuckets(shares: readonly Share[]): Uint16Array {
  const total = shares.reduce((sum, share) => sum + share.weight, 0);
  const owners = new Uint16Array(BUCKETS);
  const taken = new Uint8Array(BUCKETS);
  for (let at = shares.length - 1; at > 0; at--) {
    const share = shares[at];
    if (!share || share.weight <= 0) continue;
    let wanted = Math.round((share.weight / total) * BUCKETS);
    for (const bucket of orderOf(share.id)) {
      if (wanted === 0) break;
      if (taken[bucket]) continue;
      taken[bucket] = 1;
      owners[bucket] = at;
      wanted--;
    }
  }
  return owners;
}

/** All buckets in an order that depends on the id alone. */
function orderOf(id: string): Uint16Array {
  let state = hash("sha256", id, "buffer").readUInt32BE(0);
  const order = Uint16Array.from({ length: BUCKETS }, (_, at) => at);
  for (let at = BUCKETS - 1; at > 0; at--) {
    state = (state + 0x6d2b79f5) | 0;
    const other = Math.floor((mulberry(state) / 2 ** 32) * (at + 1));
    const kept = order[at] ?? 0;
    order[at] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}

/** The output function of the Mulberry32 generator (T. Ettinger, public domain). */
function mulberry(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
