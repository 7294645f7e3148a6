import { type SQL, sql } from "drizzle-orm";
import { type Comparison, type FilterLanguage, testSql } from "../filter";

/** What traces can be searched by (mlflow/utils/search_utils.py, SearchTraceUtils). */
export const TRACE_LANGUAGE = {
  entities: {
    tag: "tag",
    tags: "tag",
    metadata: "parameter",
    request_metadata: "parameter",
    trace: "attribute",
    attribute: "attribute",
    attributes: "attribute",
    attr: "attribute",
    span: "span",
    feedback: "feedback",
    expectation: "expectation",
  },
  attributes: {
    client_request_id: "text",
    execution_time_ms: "number",
    name: "text",
    prompt: "text",
    run_id: "text",
    status: "text",
    text: "text",
    timestamp_ms: "number",
    trace_id: "text",
  },
  orderAttributes: [
    "client_request_id",
    "execution_time_ms",
    "name",
    "status",
    "timestamp_ms",
    "trace_id",
  ],
  aliases: {
    execution_duration: "execution_time_ms",
    execution_duration_ms: "execution_time_ms",
    execution_time: "execution_time_ms",
    request_id: "trace_id",
    request_time: "timestamp_ms",
    state: "status",
    timestamp: "timestamp_ms",
  },
  orderEntities: ["tag", "parameter"],
} as const satisfies FilterLanguage;

export const TRACE_COLUMNS: Record<string, SQL> = {
  client_request_id: sql`traces.client_request_id`,
  execution_time_ms: sql`traces.duration_ms`,
  name: sql`traces.tags ->> 'mlflow.traceName'`,
  status: sql`traces.state`,
  timestamp_ms: sql`traces.request_time`,
  text: sql`concat_ws(' ', traces.request_preview, traces.response_preview, traces.tags::text, (select string_agg(s.body::text, ' ')
    from trace_spans s where s.workspace_id = traces.workspace_id and s.trace_id = traces.id))`,
  trace_id: sql`traces.id`,
};

/** One comparison on a row of `traces`; true or false, never null. */
export function traceSql(comparison: Comparison): SQL {
  const { entity, key } = comparison.field;
  if (entity === "tag") return guarded(sql`traces.tags ->> ${key}`, comparison);
  if (entity === "parameter") return guarded(sql`traces.metadata ->> ${key}`, comparison);
  if (entity === "span") return ofSpans(key, comparison);
  if (entity === "feedback" || entity === "expectation") return ofSaid(entity, key, comparison);
  if (key === "run_id") return ofRun(comparison);
  if (key === "prompt") {
    return exists(sql`trace_prompts s`, sql`s`, sql`s.prompt`, comparison);
  }
  return guarded(TRACE_COLUMNS[key] ?? sql`null::text`, comparison);
}

const guarded = (value: SQL, comparison: Comparison): SQL =>
  comparison.kind === "null"
    ? testSql(sql`(${value})`, comparison)
    : sql`coalesce(${testSql(sql`(${value})`, comparison)}, false)`;

/** The run a trace was made in, or one it was linked to later. */
function ofRun(comparison: Comparison): SQL {
  const made = sql`traces.metadata ->> 'mlflow.sourceRun'`;
  if (comparison.kind === "null") return testSql(sql`(${made})`, comparison);
  const linked = sql`exists (select from run_traces l where l.workspace_id = traces.workspace_id
    and l.trace_id = traces.id and ${testSql(sql`replace(l.run_id::text, '-', '')`, comparison)})`;
  return sql`(${guarded(made, comparison)} or ${linked})`;
}

const SPAN_COLUMNS: Record<string, SQL> = {
  content: sql`s.body::text`,
  name: sql`s.name`,
  status: sql`s.status`,
  type: sql`coalesce(s.type, 'UNKNOWN')`,
};

/** Any span of the trace; `span.attributes.<key>` is an attribute as its program wrote it. */
function ofSpans(key: string, comparison: Comparison): SQL {
  const name = /^attributes\.(.+)$/.exec(key)?.[1];
  const column =
    SPAN_COLUMNS[key] ??
    sql`(select coalesce(a -> 'value' ->> 'stringValue', (a -> 'value')::text) from jsonb_array_elements(s.body -> 'attributes') a where a ->> 'key' = ${name ?? ""} limit 1)`;
  return exists(sql`trace_spans s`, sql`s`, column, comparison);
}

/** A value that people or programs gave the trace, under its name, as text. */
function ofSaid(kind: "feedback" | "expectation", key: string, comparison: Comparison): SQL {
  const rows = sql`(select * from trace_assessments n where n.name = ${key} and n.body ? ${kind} and coalesce(n.body ->> 'valid', 'true') = 'true') s`;
  const value = sql`coalesce(s.body -> ${kind} ->> 'value', s.body -> ${kind} -> 'serialized_value' ->> 'value', '')`;
  return exists(rows, sql`s`, value, comparison);
}

/** Whether a row of the trace meets the comparison; IS NULL where none has a value. */
function exists(rows: SQL, alias: SQL, value: SQL, comparison: Comparison): SQL {
  const mine = sql`${alias}.workspace_id = traces.workspace_id and ${alias}.trace_id = traces.id`;
  if (comparison.kind !== "null") {
    return sql`exists (select from ${rows} where ${mine} and ${testSql(value, comparison)})`;
  }
  const has = sql`exists (select from ${rows} where ${mine} and ${value} is not null)`;
  return comparison.operator === "IS NULL" ? sql`not ${has}` : has;
}
