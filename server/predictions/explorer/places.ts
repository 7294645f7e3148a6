import { AppError } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import { decodeCursor, encodeCursor } from "@/server/kernel/paging";
import type { Place } from "../archives/tasks";

type Order = "asc" | "desc";

/** Where no request lies, but all of a moment come behind it. */
export const placeBefore = (at: Date, order: Order): Place => [
  at.getTime(),
  order === "asc" ? "00000000-0000-0000-0000-000000000000" : "ffffffff-ffff-ffff-ffff-ffffffffffff",
];

/** The log read in an order up to a place; null where it was read to its end. */
export interface Slice<Row> {
  rows: Row[];
  /** Every row up to it, and with it, is among `rows`. */
  until: Place | null;
}

/** Whether `a` comes behind `b` when the log is read in an order. */
export function isBehind(a: Place, b: Place, order: Order): boolean {
  const [first, second] = order === "asc" ? [b, a] : [a, b];
  return first[0] < second[0] || (first[0] === second[0] && first[1] < second[1]);
}

/**
 * One page of what several slices of the same log hold: rows in order, each request once, and the
 * place where the next page begins; null at the end of all of them. A page may hold fewer rows than
 * `limit` where a slice was not read to its end.
 */
export function mergeSlices<Row>(
  slices: readonly Slice<Row>[],
  placeOf: (row: Row) => Place,
  page: { order: Order; limit: number },
): { items: Row[]; next: Place | null } {
  const { order, limit } = page;
  const until = nearest(
    slices.map((slice) => slice.until),
    order,
  );
  const byId = new Map<string, Row>();
  for (const row of slices.flatMap(({ rows }) => rows)) {
    const place = placeOf(row);
    if ((until === null || !isBehind(place, until, order)) && !byId.has(place[1])) {
      byId.set(place[1], row);
    }
  }
  const sorted = [...byId.values()].sort((a, b) =>
    isBehind(placeOf(a), placeOf(b), order) ? 1 : -1,
  );
  const items = sorted.slice(0, limit);
  const last = items.at(-1);
  return { items, next: sorted.length > limit && last ? placeOf(last) : until };
}

/** The first of the places in reading order; null where there is none. */
export function nearest(places: readonly (Place | null)[], order: Order): Place | null {
  let first: Place | null = null;
  for (const place of places) {
    if (place && (!first || isBehind(first, place, order))) first = place;
  }
  return first;
}

export const cursorOf = ([atMs, id]: Place): string =>
  encodeCursor([new Date(atMs).toISOString(), id]);

/** Throws bad_request for what `cursorOf` did not make. */
export function placeOfCursor(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const [at = "", id = ""] = decodeCursor(cursor, 2);
  const atMs = new Date(at).getTime();
  if (Number.isNaN(atMs) || !isUuid(String(id)))
    throw new AppError("bad_request", "The cursor is damaged.");
  return [atMs, String(id).toLowerCase()];
}
