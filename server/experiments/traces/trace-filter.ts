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
  },
  attributes: {
    client_request_id: "text",
    execution_time_ms: "number",
    name: "text",
    run_id: "text",
    status: "text",
    timestamp_ms: "number",
    trace_id: "text",
  },
  orderAttributes: ["timestamp_ms"],
  aliases: {
    execution_duration: "execution_time_ms",
    execution_duration_ms: "execution_time_ms",
    execution_time: "execution_time_ms",
    request_id: "trace_id",
    request_time: "timestamp_ms",
    state: "status",
    timestamp: "timestamp_ms",
  },
  orderEntities: [],
} as const satisfies FilterLanguage;

const COLUMNS: Record<string, SQL> = {
  client_request_id: sql`traces.client_request_id`,
  execution_time_ms: sql`traces.duration_ms`,
  name: sql`traces.tags ->> 'mlflow.traceName'`,
  status: sql`traces.state`,
  timestamp_ms: sql`traces.request_time`,
  trace_id: sql`traces.id`,
};

/** One comparison on a row of `traces`; true or false, never null. */
export function traceSql(comparison: Comparison): SQL {
  const { entity, key } = comparison.field;
  if (entity === "tag") return guarded(sql`traces.tags ->> ${key}`, comparison);
  if (entity === "parameter") return guarded(sql`traces.metadata ->> ${key}`, comparison);
  if (key === "run_id") return ofRun(comparison);
  return guarded(COLUMNS[key] ?? sql`null::text`, comparison);
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
