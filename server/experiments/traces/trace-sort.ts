import { type SQL, sql } from "drizzle-orm";
import type { Field, Order } from "../filter";
import type { SortKey, SortStretch } from "../search/run-sort";
import { TRACE_COLUMNS } from "./trace-filter";

const NUMBERS: readonly string[] = ["execution_time_ms", "timestamp_ms"];

/** Columns of a sort: what was asked, traces without a value last, then the newest first. */
export function traceSort(orders: Order[]): SortStretch {
  const isByTime = orders.some(({ field }) => field.key === "timestamp_ms");
  const newest: SortKey = { expression: sql`traces.request_time`, ascending: false, cast: "int8" };
  const keys: SortKey[] = [
    ...orders.flatMap(columnsOf),
    ...(isByTime ? [] : [newest]),
    { expression: sql`traces.id`, ascending: isAscending(orders), cast: "text" },
  ];
  return { join: sql``, runId: sql`traces.id`, where: sql`true`, keys };
}

/** Along the index where a sort is by time alone. */
const isAscending = (orders: Order[]): boolean =>
  orders.length === 1 && orders[0]?.ascending === true;

function columnsOf({ field, ascending }: Order): SortKey[] {
  const value = orderedBy(field);
  if (field.key === "timestamp_ms") return [{ expression: value, ascending, cast: "int8" }];
  const isNumber = field.entity === "attribute" && NUMBERS.includes(field.key);
  return [
    { expression: sql`((${value}) is null)::int`, ascending: true, cast: "int8" },
    isNumber
      ? { expression: sql`coalesce(${value}, 0)`, ascending, cast: "int8" }
      : { expression: sql`coalesce(${value}, '') collate "C"`, ascending, cast: "text" },
  ];
}

function orderedBy({ entity, key }: Field): SQL {
  if (entity === "tag") return sql`(traces.tags ->> ${key})`;
  if (entity === "parameter") return sql`(traces.metadata ->> ${key})`;
  return TRACE_COLUMNS[key] ?? sql`null::text`;
}
