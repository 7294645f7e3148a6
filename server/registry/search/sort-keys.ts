import { and, or, type SQL, sql } from "drizzle-orm";
import { decodeCursor } from "@/server/kernel/paging";

type Key = string | number;

/** One column of a sort over several; never null. */
export interface SortKey<Row> {
  value: SQL;
  ascending: boolean;
  /** PostgreSQL's type of the value, for what a cursor brings back. */
  type: "text" | "int" | "timestamptz";
  keyOf: (row: Row) => Key;
}

/**
 * Order and start of a page sorted by several columns, each in its own direction; together they must
 * tell every two rows apart. Throws bad_request for a cursor of another sort.
 */
export function keysetOf<Row>(
  keys: readonly SortKey<Row>[],
  cursor: string | undefined,
): { where: SQL | undefined; orderBy: SQL[] } {
  const orderBy = keys.map(({ value, ascending }) =>
    ascending ? sql`${value} asc` : sql`${value} desc`,
  );
  if (!cursor) return { where: undefined, orderBy };
  const last = decodeCursor(cursor, keys.length).map((key, at) =>
    typed(String(key), keys[at]?.type ?? "text"),
  );
  const after = keys.map(({ value, ascending }, at) => {
    const equal = keys.slice(0, at).map((key, i) => sql`${key.value} = ${last[i]}`);
    const beyond = ascending ? sql`${value} > ${last[at]}` : sql`${value} < ${last[at]}`;
    return and(...equal, beyond);
  });
  // Said apart, the bound on the first column is what an index can begin at.
  const [first] = keys;
  const bound =
    first &&
    (first.ascending ? sql`${first.value} >= ${last[0]}` : sql`${first.value} <= ${last[0]}`);
  return { where: and(bound, or(...after)), orderBy };
}

function typed(key: string, type: SortKey<unknown>["type"]): SQL {
  if (type === "int") return sql`${key}::int`;
  return type === "timestamptz" ? sql`${key}::timestamptz` : sql`${key}::text`;
}
