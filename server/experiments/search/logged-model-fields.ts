import { type SQL, sql } from "drizzle-orm";
import { experiments, loggedModels } from "@/db/schema";
import { invalid } from "@/server/kernel/errors";
import {
  type Comparison,
  type ComparisonSql,
  FilterError,
  LOGGED_MODEL_LANGUAGE,
  parseOrders,
  testSql,
} from "../filter";
import type { LoggedModelOrder, MetricDataset } from "../logged-model-schemas";
import { metricDirection } from "../metric-direction";
import type { MetricField } from "./run-fields";
import type { SortKey, SortStretch } from "./run-sort";

const ms = (column: SQL): SQL => sql`(extract(epoch from ${column}) * 1000)::int8`;
const hex = (id: SQL): SQL => sql`replace(${id}::text, '-', '')`;

/** How each attribute of a logged model reads in SQL; ids as MLflow writes them. */
const ATTRIBUTE_SQL: Record<string, SQL> = {
  creation_timestamp_ms: ms(sql`${loggedModels.createdAt}`),
  experiment_id: sql`${experiments.number}::text`,
  last_updated_timestamp_ms: ms(sql`${loggedModels.updatedAt}`),
  model_id: sql`('m-' || ${hex(sql`${loggedModels.id}`)})`,
  model_type: sql`${loggedModels.modelType}`,
  name: sql`${loggedModels.name}`,
  source_run_id: sql`coalesce(${hex(sql`${loggedModels.sourceRunId}`)}, '')`,
  status: sql`${loggedModels.status}`,
};

const OF_MODEL = sql`m.workspace_id = ${loggedModels.workspaceId} and m.model_id = ${loggedModels.id}`;

/** A point of one of these datasets; any digest where none is named. */
function datasetTest(datasets: MetricDataset[]): SQL {
  if (datasets.length === 0) return sql`true`;
  const tests = datasets.map(({ name, digest }) =>
    digest
      ? sql`(m.dataset_name = ${name} and m.dataset_digest = ${digest})`
      : sql`m.dataset_name = ${name}`,
  );
  return sql`(${sql.join(tests, sql` or `)})`;
}

/** Whether a model has any metric on one of these datasets. */
export const onDatasets = (datasets: MetricDataset[]): SQL =>
  sql`exists (select from logged_model_metrics m where ${OF_MODEL} and ${datasetTest(datasets)})`;

/** Comparisons as SQL over `logged_models` joined with `experiments`; metrics are those on the datasets. */
export const loggedModelSql =
  (datasets: MetricDataset[]): ComparisonSql =>
  (comparison) => {
    const { field } = comparison;
    if (field.entity === "metric") return metricSql(comparison, field, datasets);
    if (field.entity === "attribute") {
      return testSql(ATTRIBUTE_SQL[field.key] ?? sql`null`, withLongStatus(comparison));
    }
    const column = field.entity === "parameter" ? loggedModels.params : loggedModels.tags;
    const value = sql`(${column} ->> ${field.key})`;
    const test = testSql(value, comparison);
    return comparison.kind === "null" ? test : sql`${value} is not null and ${test}`;
  };

/** A metric has every point a run logged of it: one that meets the comparison is enough. */
function metricSql(comparison: Comparison, field: MetricField, datasets: MetricDataset[]): SQL {
  const points = sql`logged_model_metrics m where ${OF_MODEL} and m.key = ${field.key} and ${datasetTest(datasets)}`;
  if (comparison.kind === "null") {
    const exists = sql`exists (select from ${points})`;
    return comparison.operator === "IS NULL" ? sql`not ${exists}` : exists;
  }
  const isLeast =
    field.aggregate === "min" ||
    (field.aggregate === "best" && metricDirection(field.key) === "minimize");
  if (field.aggregate !== "last") {
    const value = sql`(select ${isLeast ? sql`min` : sql`max`}(m.value) from ${points} and not m.is_nan)`;
    return sql`coalesce(${testSql(value, comparison)}, false)`;
  }
  const test = testSql(sql`m.value`, comparison);
  const orNan =
    comparison.operator === "!=" ? sql`(m.is_nan or ${test})` : sql`not m.is_nan and ${test}`;
  return sql`exists (select from ${points} and ${orNan})`;
}

/** Clients write READY where the protocol's own word is LOGGED_MODEL_READY. */
function withLongStatus(comparison: Comparison): Comparison {
  if (comparison.field.key !== "status") return comparison;
  const long = (status: string) =>
    /^(PENDING|READY|UPLOAD_FAILED)$/i.test(status)
      ? `LOGGED_MODEL_${status.toUpperCase()}`
      : status;
  if (comparison.kind === "list") return { ...comparison, values: comparison.values.map(long) };
  if (comparison.kind !== "text" || comparison.operator.endsWith("LIKE")) return comparison;
  return { ...comparison, value: long(comparison.value) };
}

/** The sort of a search: models without a metric last; at last the newest first. Throws validation_failed. */
export function loggedModelSort(orders: LoggedModelOrder[]): SortStretch {
  const asked = orders.flatMap(keysOf);
  const byTime = orders.some(({ field }) =>
    /^(creation_time|creation_timestamp(_ms)?)$/.test(field),
  );
  const newest: SortKey[] = byTime ? [] : [attributeKey("creation_timestamp_ms", false)];
  const id: SortKey = { expression: sql`${loggedModels.id}`, ascending: false, cast: "uuid" };
  return { join: sql``, runId: sql`null`, where: sql`true`, keys: [...asked, ...newest, id] };
}

function keysOf({ field, ascending, datasetName, datasetDigest }: LoggedModelOrder): SortKey[] {
  const metric = /^metrics\.(.+)$/s.exec(field)?.[1]?.replace(/^`(.*)`$/s, "$1");
  if (metric === undefined) return [attributeKey(attributeOf(field), ascending)];
  const dataset = datasetName ? [{ name: datasetName, digest: datasetDigest }] : [];
  const newest = (what: SQL) => sql`(select ${what} from logged_model_metrics m where ${OF_MODEL}
    and m.key = ${metric} and ${datasetTest(dataset)} order by m.timestamp desc, m.step desc, m.run_id limit 1)`;
  return [
    { expression: sql`coalesce(${newest(sql`m.is_nan::int`)}, 2)`, ascending: true, cast: "int8" },
    { expression: sql`coalesce(${newest(sql`m.value`)}, 0)`, ascending, cast: "float8" },
  ];
}

function attributeOf(field: string): string {
  if (field.includes(".")) {
    throw invalid(`Invalid order by field name: ${field}. Only metrics are supported.`);
  }
  try {
    return parseOrders([field], LOGGED_MODEL_LANGUAGE)[0]?.field.key ?? field;
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw invalid(`Invalid order by field name: ${field}`);
  }
}

function attributeKey(name: string, ascending: boolean): SortKey {
  const subject = ATTRIBUTE_SQL[name] ?? sql`null`;
  return LOGGED_MODEL_LANGUAGE.attributes[name as keyof typeof LOGGED_MODEL_LANGUAGE.attributes] ===
    "number"
    ? { expression: subject, ascending, cast: "int8" }
    : { expression: sql`${subject} collate "C"`, ascending, cast: "text" };
}
