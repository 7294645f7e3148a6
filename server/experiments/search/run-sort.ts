import { type SQL, sql } from "drizzle-orm";
import { runs } from "@/db/schema";
import type { Field, Order } from "../filter";
import { extremeColumn, type GoalOf, NULLABLE_ATTRIBUTES, RUN_ATTRIBUTE_SQL } from "./run-fields";

export type SortCast = "int8" | "float8" | "text" | "uuid";

/** One column of the sort; its values in the last row of a page say where the next page begins. */
export interface SortKey {
  expression: SQL;
  ascending: boolean;
  cast: SortCast;
}

/**
 * A stretch of the sorted list whose rows all have the first column's value, have NaN there, or have
 * nothing there. Each is read by an index of its own, so no page sorts what it does not show.
 */
export interface SortStretch {
  /** What is joined to `runs` under the name `o`. */
  join: SQL;
  /** The run's id as the index that is walked along has it. */
  runId: SQL;
  where: SQL;
  keys: SortKey[];
  /** The rows `o` of the first column by themselves, without the runs; see leading-runs.ts. */
  alone?: { from: SQL; isIndexed: boolean };
}

const NUMBERS: ReadonlySet<string> = new Set(["duration", "end_time", "start_time"]);
const castOf = (attribute: string): SortCast => (NUMBERS.has(attribute) ? "int8" : "text");
const runId = sql`${runs.id}`;
const collated = (text: SQL): SQL => sql`(${text}) collate "C"`;

/** The stretches of a search, in their order: what was asked, then the newest first, then the id. */
export function sortStretches(
  orders: Order[],
  idAscending: boolean,
  goalOf: GoalOf,
): SortStretch[] {
  const isByStart = orders.some(
    ({ field }) => field.entity === "attribute" && field.key === "start_time",
  );
  const [first, ...others] = orders;
  const rest: SortKey[] = [
    ...others.flatMap((order) => laterKeys(order, goalOf)),
    ...(isByStart
      ? []
      : [{ expression: sql`${runs.startTime}`, ascending: false, cast: "int8" } as const]),
    { expression: sql`${runs.id}`, ascending: idAscending, cast: "uuid" },
  ];
  const none = { join: sql``, runId, where: sql`true`, keys: rest };
  if (!first) return [none];
  return firstStretches(first, goalOf).map((stretch) => ({
    ...stretch,
    keys: [...stretch.keys, ...rest],
  }));
}

function firstStretches({ field, ascending }: Order, goalOf: GoalOf): SortStretch[] {
  if (field.entity === "attribute") return attributeStretches(field.key, ascending);
  const table = sql.identifier(tableOf(field));
  const join = sql`join ${table} o on o.workspace_id = ${runs.workspaceId} and o.run_id = ${runs.id} and o.key = ${field.key}`;
  const joined = { join, runId: sql`o.run_id` };
  const missing: SortStretch = {
    join: sql``,
    runId,
    // "is false" keeps it a look-up for each run where few runs are asked about.
    where: sql`(exists (select from ${table} o where o.workspace_id = ${runs.workspaceId}
      and o.run_id = ${runs.id} and o.key = ${field.key})) is false`,
    keys: [],
  };
  if (field.entity !== "metric") {
    const keys: SortKey[] = [
      { expression: sql`o.value_head collate "C"`, ascending, cast: "text" },
      { expression: sql`o.value collate "C"`, ascending, cast: "text" },
    ];
    return [{ ...joined, where: sql`true`, keys }, missing];
  }
  const extreme = extremeColumn(field, goalOf);
  const value = extreme ? sql`o.${sql.identifier(extreme)}` : sql`o.value`;
  const isNan = extreme ? sql`${value} is null` : sql`o.is_nan`;
  const from = sql`from ${table} o where o.key = ${field.key} and not ${isNan}`;
  return [
    {
      ...joined,
      where: sql`not ${isNan}`,
      keys: [{ expression: value, ascending, cast: "float8" }],
      alone: { from, isIndexed: extreme === null },
    },
    { ...joined, where: isNan, keys: [] },
    missing,
  ];
}

function attributeStretches(key: string, ascending: boolean): SortStretch[] {
  const subject = RUN_ATTRIBUTE_SQL[key] ?? sql`null`;
  const cast = castOf(key);
  const expression = cast === "text" ? collated(subject) : subject;
  const has = { join: sql``, runId, where: sql`true`, keys: [{ expression, ascending, cast }] };
  if (!NULLABLE_ATTRIBUTES.has(key)) return [has];
  return [
    { ...has, where: sql`${subject} is not null` },
    { join: sql``, runId, where: sql`${subject} is null`, keys: [] },
  ];
}

const tableOf = (field: Field): string =>
  ({ metric: "run_latest_metrics", parameter: "run_params" })[field.entity as string] ?? "run_tags";

/** Columns after the first: runs without the value come last both ways, those with NaN before them. */
function laterKeys({ field, ascending }: Order, goalOf: GoalOf): SortKey[] {
  const group = (expression: SQL): SortKey => ({ expression, ascending: true, cast: "int8" });
  if (field.entity === "attribute") {
    const subject = RUN_ATTRIBUTE_SQL[field.key] ?? sql`null`;
    const cast = castOf(field.key);
    if (!NULLABLE_ATTRIBUTES.has(field.key)) {
      return [{ expression: cast === "text" ? collated(subject) : subject, ascending, cast }];
    }
    return [
      group(sql`(${subject} is null)::int`),
      { expression: sql`coalesce(${subject}, 0)`, ascending, cast },
    ];
  }
  const of = (what: SQL) => sql`(select ${what} from ${sql.identifier(tableOf(field))} l
    where l.workspace_id = ${runs.workspaceId} and l.run_id = ${runs.id} and l.key = ${field.key})`;
  if (field.entity !== "metric") {
    return [
      group(sql`(${of(sql`l.value`)} is null)::int`),
      { expression: collated(sql`coalesce(${of(sql`l.value`)}, '')`), ascending, cast: "text" },
    ];
  }
  const extreme = extremeColumn(field, goalOf);
  const value = extreme ? sql`l.${sql.identifier(extreme)}` : sql`l.value`;
  const isNan = extreme ? sql`(${value} is null)::int` : sql`l.is_nan::int`;
  return [
    group(sql`coalesce(${of(isNan)}, 2)`),
    { expression: sql`coalesce(${of(value)}, 0)`, ascending, cast: "float8" },
  ];
}
