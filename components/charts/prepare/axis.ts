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
