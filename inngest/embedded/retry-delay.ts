const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** Backoff of the real server, by the number of the attempt that failed. */
const DELAYS_MS = [
  15 * SECOND_MS,
  30 * SECOND_MS,
  MINUTE_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  20 * MINUTE_MS,
  40 * MINUTE_MS,
  60 * MINUTE_MS,
  120 * MINUTE_MS,
];

/** Milliseconds until the next try after attempt `attempt` (from 0) failed, jitter included. */
export function defaultRetryDelayMs(attempt: number): number {
  const base = DELAYS_MS[Math.min(attempt, DELAYS_MS.length - 1)] ?? 0;
  return base + Math.random() * 30 * SECOND_MS;
}
