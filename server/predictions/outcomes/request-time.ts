import { isUuid } from "@/server/kernel/ids";

/** Clocks of several machines differ by less, milliseconds. */
const AHEAD_MS = 3_600_000;
const FIRST_MS = Date.UTC(2020, 0, 1);

/** When the request with this id was made, from its UUID of version 7; undefined for any other id. */
export function requestTime(requestId: string, now: Date): Date | undefined {
  if (!isUuid(requestId) || requestId[14] !== "7") return undefined;
  const ms = Number.parseInt(requestId.slice(0, 8) + requestId.slice(9, 13), 16);
  return ms >= FIRST_MS && ms <= now.getTime() + AHEAD_MS ? new Date(ms) : undefined;
}
