import { type SQL, sql } from "drizzle-orm";
import { experiments, runs } from "@/db/schema";
import { type Comparison, type ComparisonSql, type Field, testSql } from "../filter";
import type { MetricGoal } from "../metric-direction";

/** Which way a metric gets better; `best` needs it. */
export type GoalOf = (key: string) => MetricGoal;

export type MetricField = Extract<Field, { entity: "metric" }>;

const hexId = sql`replace(${runs.id}::text, '-', '')`;

/** How each attribute of a run reads in SQL over `runs` joined with `experiments`; ids as MLflow writes them. */
export const RUN_ATTRIBUTE_SQL: Readonly<Record<string, SQL>> = {
  artifact_uri: sql`('mlflow-artifacts:/' || ${experiments.number} || '/' || ${hexId} || '/artifacts')`,
  duration: sql`(${runs.endTime} - ${runs.startTime})`,
  end_time: sql`${runs.endTime}`,
  run_id: hexId,
  run_name: sql`${runs.name}`,
  start_time: sql`${runs.startTime}`,
  status: sql`${runs.status}`,
  user_id: sql`${runs.userName}`,
};

/** Attributes a run that has not ended lacks. */
export const NULLABLE_ATTRIBUTES: ReadonlySet<string> = new Set(["duration", "end_time"]);

const ID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Column of `run_latest_metrics` that holds an aggregate other than the last; null where every point is NaN. */
export const extremeColumn = (
  field: MetricField,
  goalOf: GoalOf,
): "min_value" | "max_value" | null => {
  if (field.aggregate === "last") return null;
  if (field.aggregate !== "best") return field.aggregate === "min" ? "min_value" : "max_value";
  return goalOf(field.key) === "minimize" ? "min_value" : "max_value";
};

/** A metric's test on the row `m`. NaN meets nothing but `!=`. */
function metricTest(comparison: Comparison, field: MetricField, goalOf: GoalOf): SQL {
  const extreme = extremeColumn(field, goalOf);
  const value = extreme ? sql`m.${sql.identifier(extreme)}` : sql`m.value`;
  const isNan = extreme ? sql`${value} is null` : sql`m.is_nan`;
  const test = testSql(value, comparison);
  return comparison.operator === "!=" ? sql`(${isNan} or ${test})` : sql`not ${isNan} and ${test}`;
}

/** Characters of a value its index holds. */
const HEAD = 128;

/** Equality asks the index by the value's beginning; of a value longer than that the whole decides. */
function entryTest(comparison: Comparison): SQL {
  const test = testSql(sql`m.value`, comparison);
  const values =
    comparison.kind === "list"
      ? comparison.values
      : comparison.kind === "text"
        ? [comparison.value]
        : [];
  if (comparison.operator !== "=" && comparison.operator !== "IN") return test;
  const heads = values.map((value) => [...value].slice(0, HEAD).join(""));
  const isHead = sql`m.value_head collate "C" = any(${sql.param(heads)}::text[])`;
  // A text shorter than the head is equal to the value when it is equal to the head.
  return values.every((value) => [...value].length < HEAD) ? isHead : sql`${isHead} and ${test}`;
}

const TABLES: Partial<Record<Comparison["field"]["entity"], string>> = {
  metric: "run_latest_metrics",
  parameter: "run_params",
  tag: "run_tags",
  dataset: "run_inputs",
};

/** The test of a comparison on a row `m` of the table that holds its field. */
export function rowTest(comparison: Comparison, goalOf: GoalOf): { table: SQL; test: SQL } | null {
  const { field } = comparison;
  const name = TABLES[field.entity];
  if (!name) return null;
  const table = sql.identifier(name);
  if (field.entity === "dataset") {
    return { table: sql`${table}`, test: testSql(sql`m.${sql.identifier(field.key)}`, comparison) };
  }
  if (comparison.kind === "null") return { table: sql`${table}`, test: sql`m.key = ${field.key}` };
  const test =
    field.entity === "metric" ? metricTest(comparison, field, goalOf) : entryTest(comparison);
  return { table: sql`${table}`, test: sql`m.key = ${field.key} and ${test}` };
}

/**
 * Comparisons as SQL over `runs` joined with `experiments`. With `lookUp` what a run logged is looked up
 * run by run; else the planner may gather all runs that meet a comparison.
 */
export const runComparisonSql =
  (goalOf: GoalOf, lookUp?: { workspaceId: string; runId: SQL }): ComparisonSql =>
  (comparison) => {
    const row = rowTest(comparison, goalOf);
    if (!row) return attributeSql(comparison);
    const found = sql`from ${row.table} m where m.workspace_id = ${lookUp?.workspaceId ?? runs.workspaceId}
      and m.run_id = ${lookUp?.runId ?? runs.id} and ${row.test}`;
    const exists = lookUp
      ? sql`(select true ${found} limit 1) is true`
      : sql`exists (select ${found})`;
    return comparison.operator === "IS NULL" ? sql`not (${exists})` : exists;
  };

function attributeSql(comparison: Comparison): SQL {
  const { key } = comparison.field;
  if (key === "run_id") {
    const byId = idTest(comparison);
    if (byId) return byId;
  }
  const subject = RUN_ATTRIBUTE_SQL[key] ?? sql`null`;
  const test = testSql(subject, comparison);
  if (comparison.kind === "null" || !NULLABLE_ATTRIBUTES.has(key)) return test;
  return sql`${subject} is not null and ${test}`;
}

/** Equality of ids by the key itself; texts that are no id, capital ones too, equal nothing. */
function idTest(comparison: Comparison): SQL | undefined {
  if (comparison.kind !== "text" && comparison.kind !== "list") return undefined;
  if (comparison.operator === "LIKE" || comparison.operator === "ILIKE") return undefined;
  const values = comparison.kind === "list" ? comparison.values : [comparison.value];
  const ids = values.filter((value) => ID.test(value));
  const negated = comparison.operator === "!=" || comparison.operator === "NOT IN";
  return negated
    ? sql`${runs.id} <> all(${sql.param(ids)}::uuid[])`
    : sql`${runs.id} = any(${sql.param(ids)}::uuid[])`;
}
