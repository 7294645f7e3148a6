/** One step of a waterfall: from where to where, on the scale of the values. */
export interface WaterfallStep {
  label: string;
  from: number;
  to: number;
  /** How far it goes; for `end` where it arrives. */
  value: number;
  kind: "start" | "up" | "down" | "end";
}

export interface Part {
  label: string;
  value: number;
}

/**
 * Steps from a base over the largest parts, and one for all the others, to their sum. Largest first; parts
 * of the same size keep their order.
 */
export function waterfallSteps(
  base: number,
  parts: readonly Part[],
  shown: number,
): WaterfallStep[] {
  const sorted = parts.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value));
  // One part that would stand for itself as "1 other" is shown.
  const cut = sorted.length <= shown + 1 ? sorted.length : shown;
  const rest = sorted.slice(cut);
  const drawn = sorted.slice(0, cut);
  if (rest.length > 0) {
    const value = rest.reduce((sum, part) => sum + part.value, 0);
    drawn.push({ label: `${rest.length} others`, value });
  }
  const steps: WaterfallStep[] = [
    { label: "Typical", from: base, to: base, value: base, kind: "start" },
  ];
  let at = base;
  for (const { label, value } of drawn) {
    const kind = value < 0 ? "down" : "up";
    steps.push({ label, from: at, to: at + value, value, kind });
    at += value;
  }
  return [...steps, { label: "This row", from: at, to: at, value: at, kind: "end" }];
}

/** Least and greatest of all steps; never of no width. */
export function waterfallScale(steps: readonly WaterfallStep[]): { low: number; high: number } {
  const ends = steps.flatMap(({ from, to }) => [from, to]);
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  return high > low ? { low, high } : { low: low - 0.5, high: high + 0.5 };
}
