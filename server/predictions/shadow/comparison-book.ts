import type { Comparison } from "./compare-outputs";

/** Examples one variant keeps of a flush. */
const EXAMPLES_MAX = 5;
const MINUTE_MS = 60_000;

export interface Example {
  atMs: number;
  flips: number;
  difference: number;
  inputs: unknown;
  sent: unknown;
  shadow: unknown;
}

export interface Tally {
  workspaceId: string;
  deploymentId: string;
  variantId: string;
  /** Start of the minute, milliseconds since the epoch. */
  atMs: number;
  requests: number;
  rows: number;
  equal: number;
  flips: number;
  errors: number;
  dropped: number;
  differenceMax: number;
  differenceSum: number;
  latencyUs: number;
  shadowLatencyUs: number;
  examples: Example[];
}

type Place = Pick<Tally, "workspaceId" | "deploymentId" | "variantId">;

/** Infinity has no place in a sum that people shall read. */
const DIFFERENCE_MAX = 1e300;

/** What was compared since the last flush, by shadow and minute. */
export class ComparisonBook {
  private tallies = new Map<string, Tally>();

  /** Hands over everything and begins anew. */
  take(): Tally[] {
    const tallies = [...this.tallies.values()];
    this.tallies = new Map();
    return tallies;
  }

  compared(
    place: Place,
    nowMs: number,
    { rows, isEqual, flips, difference }: Comparison,
    times: { sentMs: number; shadowMs: number },
    example: () => Pick<Example, "inputs" | "sent" | "shadow">,
  ): void {
    const tally = this.tallyOf(place, nowMs);
    const shown = Math.min(difference, DIFFERENCE_MAX);
    tally.requests++;
    tally.rows += rows;
    tally.equal += Number(isEqual);
    tally.flips += flips;
    tally.differenceMax = Math.max(tally.differenceMax, shown);
    tally.differenceSum = Math.min(DIFFERENCE_MAX, tally.differenceSum + shown);
    tally.latencyUs += Math.round(times.sentMs * 1000);
    tally.shadowLatencyUs += Math.round(times.shadowMs * 1000);
    if (isEqual) return;
    const last = tally.examples[EXAMPLES_MAX - 1];
    if (last && isWorse(last, { flips, difference: shown })) return;
    tally.examples.push({ atMs: nowMs, flips, difference: shown, ...example() });
    tally.examples.sort((a, b) => (isWorse(a, b) ? -1 : 1)).splice(EXAMPLES_MAX);
  }

  failed(place: Place, nowMs: number): void {
    this.tallyOf(place, nowMs).errors++;
  }

  dropped(place: Place, nowMs: number): void {
    this.tallyOf(place, nowMs).dropped++;
  }

  private tallyOf({ workspaceId, deploymentId, variantId }: Place, nowMs: number): Tally {
    const atMs = nowMs - (nowMs % MINUTE_MS);
    const key = `${deploymentId}/${variantId}/${atMs}`;
    const known = this.tallies.get(key);
    if (known) return known;
    const tally: Tally = {
      workspaceId,
      deploymentId,
      variantId,
      atMs,
      requests: 0,
      rows: 0,
      equal: 0,
      flips: 0,
      errors: 0,
      dropped: 0,
      differenceMax: 0,
      differenceSum: 0,
      latencyUs: 0,
      shadowLatencyUs: 0,
      examples: [],
    };
    this.tallies.set(key, tally);
    return tally;
  }
}

type Badness = Pick<Example, "flips" | "difference">;
const isWorse = (a: Badness, b: Badness): boolean =>
  a.flips > b.flips || (a.flips === b.flips && a.difference >= b.difference);
