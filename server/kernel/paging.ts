import { type AnyColumn, and, asc, desc, eq, gt, lt, or, type SQL } from "drizzle-orm";
import { z } from "zod";
import { AppError } from "./errors";

/** Query parameters every list takes. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe("Items a page holds."),
  cursor: z.string().max(500).optional().describe("`nextCursor` of the page before."),
  order: z.enum(["asc", "desc"]).default("desc"),
});

export interface Page<T> {
  items: T[];
  /** null on the last page. */
  nextCursor: string | null;
}

/** A zod reply of a page of `item`. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

type Key = string | number;

export function encodeCursor(keys: Key[]): string {
  return Buffer.from(JSON.stringify(keys)).toString("base64url");
}

/** Reads keys back. Throws bad_request for anything encodeCursor did not make. */
export function decodeCursor(cursor: string, length: number): Key[] {
  try {
    const keys: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    const good =
      Array.isArray(keys) &&
      keys.length === length &&
      keys.every((k) => typeof k === "string" || typeof k === "number");
    if (good) return keys as Key[];
  } catch {
    // Falls through to the one error below.
  }
  throw new AppError("bad_request", "The cursor is not one of ours: take nextCursor unchanged.");
}

/** A sort column with the conversion of its cursor value; the id column breaks ties. */
export interface SortColumn {
  column: AnyColumn;
  /** Row value → cursor key. */
  toKey: (value: never) => Key;
  fromKey: (key: Key) => unknown;
}

export const byDate = (column: AnyColumn): SortColumn => ({
  column,
  toKey: ((value: Date) => value.toISOString()) as SortColumn["toKey"],
  fromKey: (key) => {
    const date = new Date(key);
    if (Number.isNaN(date.getTime())) throw new AppError("bad_request", "The cursor is damaged.");
    return date;
  },
});

export const byText = (column: AnyColumn): SortColumn => ({
  column,
  toKey: ((value: string) => value) as SortColumn["toKey"],
  fromKey: (key) => String(key),
});

export const byNumber = (column: AnyColumn): SortColumn => ({
  column,
  toKey: ((value: number) => value) as SortColumn["toKey"],
  fromKey: (key) => Number(key),
});

/** Keyset condition and order for one page: page 1,000 costs what page 1 costs. */
export function keyset(
  sort: SortColumn,
  id: AnyColumn,
  page: { cursor?: string | undefined; order: "asc" | "desc" },
): { where: SQL | undefined; orderBy: SQL[] } {
  const direction = page.order === "asc" ? asc : desc;
  const orderBy = [direction(sort.column), direction(id)];
  if (!page.cursor) return { where: undefined, orderBy };
  const [key = "", lastId = ""] = decodeCursor(page.cursor, 2);
  const after = page.order === "asc" ? gt : lt;
  const value = sort.fromKey(key);
  const where = or(after(sort.column, value), and(eq(sort.column, value), after(id, lastId)));
  return { where, orderBy };
}

/** Cuts the one extra row that was read and says where the next page starts. */
export function toPage<Row, Item>(
  rows: Row[],
  limit: number,
  keys: (row: Row) => Key[],
  item: (row: Row) => Item,
): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(item),
    nextCursor: rows.length > limit && last ? encodeCursor(keys(last)) : null,
  };
}
