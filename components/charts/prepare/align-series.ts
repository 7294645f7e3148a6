/** A curve as it comes: points in any order, several at one x allowed. */
export interface Curve {
  label: string;
  points: { x: number; y: number | null }[];
}

/** null: a gap in the curve. undefined: no point at this x, the line goes on to the next one. */
export type Value = number | null | undefined;

/** Curves over one shared, ascending x. */
export interface Aligned {
  x: number[];
  series: { label: string; values: Value[] }[];
}

/** Puts curves on one x axis. Of several points at one x the last one counts. */
export function alignSeries(curves: Curve[]): Aligned {
  const x = [...new Set(curves.flatMap((curve) => curve.points.map((point) => point.x)))].sort(
    (a, b) => a - b,
  );
  const at = new Map(x.map((value, index) => [value, index]));
  const series = curves.map(({ label, points }) => {
    const values: Value[] = new Array(x.length).fill(undefined);
    for (const point of points) values[at.get(point.x) ?? 0] = point.y;
    return { label, values };
  });
  return { x, series };
}

/** "Loss: 0.42 at the end, between 0.40 and 1.20" for one curve. */
export function describeSeries(
  { label, values }: Aligned["series"][number],
  format: (value: number) => string,
): string {
  const numbers = values.filter((value) => typeof value === "number");
  const last = numbers.at(-1);
  if (last === undefined) return `${label}: no values`;
  const low = numbers.reduce((a, b) => Math.min(a, b));
  const high = numbers.reduce((a, b) => Math.max(a, b));
  return `${label}: ${format(last)} at the end, between ${format(low)} and ${format(high)}`;
}
