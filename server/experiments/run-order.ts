import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { runs } from "@/db/schema";
import { AppError } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import { decodeCursor } from "@/server/kernel/paging";
import { ATTRIBUTE_SQL, NUMBER_ATTRIBUTES, TEXT_ATTRIBUTES } from "./run-conditions";

const key = z
  .string()
  .min(1)
  .max(1000)
  .transform((value) => value.replaceAll("\0", ""));

export const runOrder = z.union([
  z.object({ entity: z.enum(["metric", "param", "tag"]), key, ascending: z.boolean() }),
  z.object({
    entity: z.literal("attribute"),
    key: z.enum([...TEXT_ATTRIBUTES, ...NUMBER_ATTRIBUTES]),
    ascending: z.boolean(),
  }),
]);
export type RunOrder = z.output<typeof runOrder>;

type Cast = "int8" | "float8" | "text" | "uuid";

/** One column of the sort; values of the last row of a page say where the next begins. */
interface OrderColumn {
  expression: SQL;
  ascending: boolean;
  cast: Cast;
}

const isNumber = (name: string) => (NUMBER_ATTRIBUTES as readonly string[]).includes(name);

/** Runs without the value come last in both directions, those with NaN before them. */
function columnsOf(order: RunOrder): OrderColumn[] {
  const { ascending } = order;
  const group = (expression: SQL): OrderColumn => ({ expression, ascending: true, cast: "int8" });
  if (order.entity === "attribute") {
    const subject = ATTRIBUTE_SQL[order.key];
    if (order.key === "end_time") {
      return [
        group(sql`(${subject} is null)::int`),
        { expression: sql`coalesce(${subject}, 0)`, ascending, cast: "int8" },
      ];
    }
    return [{ expression: subject, ascending, cast: isNumber(order.key) ? "int8" : "text" }];
  }
  if (order.entity === "metric") {
    const of = (
      what: SQL,
    ) => sql`(select ${what} from run_latest_metrics o where o.workspace_id = ${runs.workspaceId}
      and o.run_id = ${runs.id} and o.key = ${order.key})`;
    return [
      group(sql`coalesce(${of(sql`o.is_nan::int`)}, 2)`),
      { expression: sql`coalesce(${of(sql`o.value`)}, 0)`, ascending, cast: "float8" },
    ];
  }
  const table = order.entity === "param" ? sql`run_params` : sql`run_tags`;
  const value = sql`(select o.value from ${table} o where o.workspace_id = ${runs.workspaceId}
    and o.run_id = ${runs.id} and o.key = ${order.key})`;
  return [
    group(sql`(${value} is null)::int`),
    { expression: sql`coalesce(${value}, '')`, ascending, cast: "text" },
  ];
}

/** The whole sort of a search: what was asked for, then the newest first, then the id. */
export function orderColumns(orders: RunOrder[], idAscending: boolean): OrderColumn[] {
  const asked = orders.flatMap(columnsOf);
  const byStart = orders.some((o) => o.entity === "attribute" && o.key === "start_time")
    ? []
    : columnsOf({ entity: "attribute", key: "start_time", ascending: false });
  return [
    ...asked,
    ...byStart,
    { expression: sql`${runs.id}`, ascending: idAscending, cast: "uuid" },
  ];
}

export const orderBySql = (columns: OrderColumn[]): SQL[] =>
  columns.map(({ expression, ascending }) =>
    ascending ? sql`${expression} asc` : sql`${expression} desc`,
  );

const CAST = {
  int8: { sql: sql`::int8`, good: (v: string | number) => Number.isSafeInteger(v) },
  float8: { sql: sql`::float8`, good: (v: string | number) => Number.isFinite(v) },
  text: {
    sql: sql`::text`,
    good: (v: string | number) => typeof v === "string" && !v.includes("\0"),
  },
  uuid: { sql: sql`::uuid`, good: (v: string | number) => typeof v === "string" && isUuid(v) },
} satisfies Record<Cast, { sql: SQL; good: (value: string | number) => boolean }>;

/** What lies after the row a cursor names. Throws bad_request for a cursor of another sort. */
export function afterCursorSql(columns: OrderColumn[], cursor: string): SQL {
  const keys = decodeCursor(cursor, columns.length);
  const alternatives = columns.map((_, at) => {
    const conditions = columns.slice(0, at + 1).map(({ expression, ascending, cast }, index) => {
      const value = keys[index] ?? "";
      if (!CAST[cast].good(value)) {
        throw new AppError("bad_request", "The cursor is damaged: take nextCursor unchanged.");
      }
      const compare = index < at ? sql`=` : ascending ? sql`>` : sql`<`;
      return sql`${expression} ${compare} ${value}${CAST[cast].sql}`;
    });
    return sql`(${sql.join(conditions, sql` and `)})`;
  });
  return sql`(${sql.join(alternatives, sql` or `)})`;
}

/** The values of the sort beside each row, to make the next cursor of. */
export const orderKeysSql = (columns: OrderColumn[]): SQL<(string | number)[]> =>
  sql`json_build_array(${sql.join(
    columns.map((column) => column.expression),
    sql`, `,
  )})`;
