const number = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** Grouped digits: 12,345.67 */
export const formatCount = (value: number): string => number.format(value);

/** "1 run", "1,500 runs" */
export const formatPlural = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;

/** 1.2K, 3.4M */
export const formatCompact = (value: number): string =>
  Math.abs(value) < 1000 ? number.format(value) : compact.format(value);

/** A metric or statistic with four significant decimals; never "-0" or "NaN". */
export function formatMetric(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  // MLflow keeps infinities as the largest double.
  if (size >= Number.MAX_VALUE) return value > 0 ? "∞" : "−∞";
  if (size === 0) return "0";
  if (Number.isInteger(value) && size < 1e6) return number.format(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2);
  if (size >= 100) return value.toFixed(1);
  if (size >= 10) return value.toFixed(2);
  // 0.00012 must not look like 0.0001.
  return size < 0.01 ? String(Number(value.toPrecision(4))) : value.toFixed(4);
}

/** A value as it was logged, null being NaN; "–" where there is none. */
export const loggedText = (value: number | null | undefined): string =>
  value === null ? "NaN" : formatMetric(value);

/** A tick of an axis: no more digits than it needs. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000) return compact.format(value);
  if (size !== 0 && size < 1e-4) return value.toExponential(0);
  return String(Number(value.toPrecision(4)));
}

/** 0.934 → 93.4% */
export const formatPercent = (share: number, digits = 1): string =>
  `${(share * 100).toFixed(digits)}%`;

/** Milliseconds: 0.42 ms, 12.3 ms, 1.24 s */
export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return "–";
  // What rounds up to the next unit or digit is written as such: 1.00 s, not 1000 ms.
  if (ms >= 9_995) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 999.5) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 99.95) return `${ms.toFixed(0)} ms`;
  return `${ms.toFixed(ms >= 9.995 ? 1 : 2)} ms`;
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

/** Seconds: 4 s, 2 m 05 s, 1 h 12 m */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} m`;
}

/** snake_case and kebab-case to a label: "random_forest" → "Random forest". */
export function humanize(word: string): string {
  const text = word.replaceAll(/[_-]+/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const STEPS: [limit: number, seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [86_400, 3600, "hour"],
  [30 * 86_400, 86_400, "day"],
  [365 * 86_400, 30 * 86_400, "month"],
  [Number.POSITIVE_INFINITY, 365 * 86_400, "year"],
];
const relative = new Intl.RelativeTimeFormat("en-US", { numeric: "auto", style: "narrow" });

/** "3 min. ago", from two instants in milliseconds. */
export function formatRelative(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return "now";
  const [, unitSeconds, unit] = STEPS.find(([limit]) => size < limit) ?? [0, 1, "second" as const];
  return relative.format(Math.trunc(seconds / unitSeconds), unit);
}
