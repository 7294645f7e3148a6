const UNITS_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Reads the SDK's time strings: `"2h30m10s"`, `"7d"`, and `""` for zero.
 * Answers milliseconds, or undefined when the text is none.
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))*$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h|d|w)/g)) {
    total += Number(amount) * (UNITS_MS[unit ?? ""] ?? 0);
  }
  return total;
}

/** A duration or an ISO date as milliseconds from `nowMs`, never below zero; undefined when neither. */
export function delayUntil(text: string, nowMs = Date.now()): number | undefined {
  const duration = parseDuration(text);
  if (duration !== undefined) return duration;
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
