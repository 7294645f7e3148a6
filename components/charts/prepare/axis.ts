const DAY_SECONDS = 86_400;

/** Ticks of a time axis in the reader's time zone: hours and minutes, or days where they span many. */
export function formatClock(ticks: number[]): string[] {
  const span = (ticks.at(-1) ?? 0) - (ticks[0] ?? 0);
  const gap = (ticks[1] ?? 0) - (ticks[0] ?? 0);
  const options: Intl.DateTimeFormatOptions =
    span > 2 * DAY_SECONDS
      ? { month: "short", day: "numeric" }
      : {
          hour: "2-digit",
          minute: "2-digit",
          hour12: false,
          ...(gap < 60 && { second: "2-digit" }),
        };
  const format = new Intl.DateTimeFormat("en-US", options);
  return ticks.map((tick) => format.format(tick * 1000));
}

/** Places of values with a gap on either side: without a dot, a line would not show them. */
export function isolatedPoints(values: ArrayLike<number | null | undefined> | undefined): number[] {
  const found: number[] = [];
  let before: number | null = null;
  let candidate: number | null = null;
  for (let index = 0; index < (values?.length ?? 0); index += 1) {
    const value = values?.[index];
    // No point here: the line passes by.
    if (value === undefined) continue;
    if (value === null && candidate !== null) found.push(candidate);
    candidate = value !== null && before === null ? index : null;
    before = value;
  }
  if (candidate !== null) found.push(candidate);
  return found;
}

/** Where a line through the points passes `x`; undefined at a gap and outside of the points. */
export function valueBetween(
  xs: ArrayLike<number>,
  values: ArrayLike<number | null | undefined>,
  x: number,
): number | undefined {
  let after = 0;
  let beyond = xs.length;
  while (after < beyond) {
    const middle = (after + beyond) >> 1;
    if ((xs[middle] ?? 0) < x) after = middle + 1;
    else beyond = middle;
  }
  let before = after - 1;
  // Places where another line has a point are passed by.
  while (before >= 0 && values[before] === undefined) before -= 1;
  while (after < xs.length && values[after] === undefined) after += 1;
  const [left, right] = [values[before], values[after]];
  if (typeof left !== "number" || typeof right !== "number") return undefined;
  const [from = 0, to = 0] = [xs[before], xs[after]];
  return left + ((right - left) * (x - from)) / (to - from);
}
