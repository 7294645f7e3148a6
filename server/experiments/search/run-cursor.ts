import { type SQL, sql } from "drizzle-orm";
import { AppError } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import { decodeCursor, encodeCursor } from "@/server/kernel/paging";
import type { SortCast, SortKey, SortStretch } from "./run-sort";

type Key = string | number;

/** Where a page ended: the stretch of the sort, and the values of its columns in the last row. */
export interface RunPlace {
  stretch: number;
  keys: Key[];
}

/** Every cursor of one sort has the same number of parts. */
const lengthOf = (stretches: SortStretch[]) =>
  1 + Math.max(...stretches.map(({ keys }) => keys.length));

export function encodePlace(stretches: SortStretch[], { stretch, keys }: RunPlace): string {
  const filler = Array<Key>(lengthOf(stretches) - 1 - keys.length).fill(0);
  return encodeCursor([stretch, ...keys, ...filler]);
}

/** Throws bad_request for a cursor of another sort. */
export function decodePlace(stretches: SortStretch[], cursor: string): RunPlace {
  const [at, ...values] = decodeCursor(cursor, lengthOf(stretches));
  const stretch = typeof at === "number" ? stretches[at] : undefined;
  const keys = stretch?.keys.map(({ cast }, index) => ({ cast, value: values[index] ?? "" }));
  if (!keys?.every(({ cast, value }) => GOOD[cast](value))) {
    throw new AppError("bad_request", "The cursor is damaged: take nextCursor unchanged.");
  }
  return { stretch: Number(at), keys: keys.map(({ value }) => value) };
}

const GOOD = {
  int8: Number.isSafeInteger,
  float8: Number.isFinite,
  text: (value) => typeof value === "string" && !value.includes("\0"),
  uuid: (value) => typeof value === "string" && isUuid(value),
} satisfies Record<SortCast, (value: unknown) => boolean>;

const CAST = {
  int8: sql`::int8`,
  float8: sql`::float8`,
  text: sql`::text`,
  uuid: sql`::uuid`,
} satisfies Record<SortCast, SQL>;

/** What lies after a place; the bound on the first column is what an index can begin at. */
export function afterSql(columns: SortKey[], values: Key[]): SQL {
  const compare = (at: number, operator: SQL) => {
    const column = columns[at];
    return column
      ? sql`${column.expression} ${operator} ${values[at]}${CAST[column.cast]}`
      : sql`true`;
  };
  const alternatives = columns.map(({ ascending }, at) => {
    const equal = columns.slice(0, at).map((_, before) => compare(before, sql`=`));
    return sql`(${sql.join([...equal, compare(at, ascending ? sql`>` : sql`<`)], sql` and `)})`;
  });
  const bound = compare(0, columns[0]?.ascending ? sql`>=` : sql`<=`);
  return sql`${bound} and (${sql.join(alternatives, sql` or `)})`;
}
