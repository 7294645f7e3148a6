import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { MetricPoint, SeriesSummary } from "./metric-points";
import type { Entry } from "./schemas";

export interface Target {
  workspaceId: string;
  runId: string;
}

/** What is written; each list without repetition, in the order rows are to be locked. */
export interface Batch {
  points: MetricPoint[];
  /** One summary for each key among `points`. */
  series: SeriesSummary[];
  params: Entry[];
  tags: Entry[];
}

/**
 * Writes a batch in one statement. `runs` is 0 when there is no active run to take it; `params`
 * are the new ones and, with their old value, those that would have changed.
 */
export async function writeBatch(
  tx: Transaction,
  target: Target,
  batch: Batch,
): Promise<{ runs: number; params: Entry[] | null }> {
  // Parts without rows are left out; the name tells the eight forms of the statement apart.
  const parts: [name: string, rows: number, part: () => SQL][] = [
    ["metrics", batch.points.length, () => metricsPart(batch.points)],
    ["latest", batch.series.length, () => latestPart(batch.series)],
    ["params", batch.params.length, () => paramsPart(batch.params)],
    ["tags", batch.tags.length, () => tagsPart(batch.tags)],
  ];
  const written = parts.filter(([, rows]) => rows > 0);
  const params =
    batch.params.length > 0
      ? sql<
          Entry[] | null
        >`(select json_agg(json_build_object('key', key, 'value', value)) from params)`
      : sql<null>`null::json`;
  const statement = tx
    .with(
      tx.$with("target", {}).as(targetPart(target)),
      ...written.map(([name, , part]) => tx.$with(name, {}).as(part())),
    )
    .select({ runs: sql<number>`(select count(*)::int from target)`, params })
    .from(sql`(select 1) as one`)
    // Planning takes as long as running; a named statement is planned once a connection.
    .prepare(`log_batch_${written.map(([name]) => name).join("_")}`);
  const [row] = await statement.execute();
  return row ?? { runs: 0, params: null };
}

const targetPart = ({ workspaceId, runId }: Target): SQL => sql`select workspace_id, id from runs
  where workspace_id = ${workspaceId} and id = ${runId} and deleted_at is null for key share`;

const pointRows = (points: MetricPoint[]): SQL => sql`target, unnest(
    ${sql.param(points.map((p) => p.key))}::text[],
    ${sql.param(points.map((p) => p.timestamp))}::int8[],
    ${sql.param(points.map((p) => p.step))}::int8[],
    ${sql.param(points.map((p) => p.value))}::float8[],
    ${sql.param(points.map((p) => p.isNan))}::bool[]) as p`;

const metricsPart = (points: MetricPoint[]): SQL => sql`
  insert into run_metrics (workspace_id, run_id, key, timestamp, step, value, is_nan)
  select target.workspace_id, target.id, p.* from ${pointRows(points)}
  on conflict do nothing
  returning key`;

const NEWER = sql`(excluded.step, excluded.timestamp, excluded.value, excluded.is_nan) > (l.step, l.timestamp, l.value, l.is_nan)`;

// Only points that were not there before count; all else is the same however often it is merged.
const latestPart = (series: SeriesSummary[]): SQL => sql`
  insert into run_latest_metrics as l (workspace_id, run_id, key, timestamp, step, value, is_nan,
    min_value, min_step, max_value, max_step, first_step, first_time, last_time, points)
  select target.workspace_id, target.id, s.*, added.points
  from target, unnest(
    ${sql.param(series.map((s) => s.latest.key))}::text[],
    ${sql.param(series.map((s) => s.latest.timestamp))}::int8[],
    ${sql.param(series.map((s) => s.latest.step))}::int8[],
    ${sql.param(series.map((s) => s.latest.value))}::float8[],
    ${sql.param(series.map((s) => s.latest.isNan))}::bool[],
    ${sql.param(series.map((s) => s.min?.value ?? null))}::float8[],
    ${sql.param(series.map((s) => s.min?.step ?? null))}::int8[],
    ${sql.param(series.map((s) => s.max?.value ?? null))}::float8[],
    ${sql.param(series.map((s) => s.max?.step ?? null))}::int8[],
    ${sql.param(series.map((s) => s.firstStep))}::int8[],
    ${sql.param(series.map((s) => s.firstTime))}::int8[],
    ${sql.param(series.map((s) => s.lastTime))}::int8[]) as s(key),
    (select key, count(*) as points from metrics group by key) as added
  where added.key = s.key
  order by s.key collate "C"
  on conflict (workspace_id, run_id, key) do update set
    timestamp = case when ${NEWER} then excluded.timestamp else l.timestamp end,
    step = case when ${NEWER} then excluded.step else l.step end,
    value = case when ${NEWER} then excluded.value else l.value end,
    is_nan = case when ${NEWER} then excluded.is_nan else l.is_nan end,
    min_step = case when excluded.min_value is null or l.min_value < excluded.min_value then l.min_step
      when l.min_value = excluded.min_value then least(l.min_step, excluded.min_step) else excluded.min_step end,
    max_step = case when excluded.max_value is null or l.max_value > excluded.max_value then l.max_step
      when l.max_value = excluded.max_value then least(l.max_step, excluded.max_step) else excluded.max_step end,
    min_value = least(l.min_value, excluded.min_value),
    max_value = greatest(l.max_value, excluded.max_value),
    points = l.points + excluded.points,
    first_step = least(l.first_step, excluded.first_step),
    first_time = least(l.first_time, excluded.first_time),
    last_time = greatest(l.last_time, excluded.last_time),
    rolled_until = least(l.rolled_until, case when l.rolled_until is not null then excluded.first_time - 1 end)`;

const entryRows = (entries: Entry[]): SQL => sql`target, unnest(
    ${sql.param(entries.map((e) => e.key))}::text[], ${sql.param(entries.map((e) => e.value))}::text[]) as e(key, value)`;

// The update writes the old value over itself, only to send it back where it differs.
const paramsPart = (params: Entry[]): SQL => sql`
  insert into run_params as had (workspace_id, run_id, key, value)
  select target.workspace_id, target.id, e.key, e.value from ${entryRows(params)}
  on conflict (workspace_id, run_id, key) do update set value = had.value where had.value <> excluded.value
  returning key, value`;

const tagsPart = (tags: Entry[]): SQL => sql`
  insert into run_tags as had (workspace_id, run_id, key, value)
  select target.workspace_id, target.id, e.key, e.value from ${entryRows(tags)}
  on conflict (workspace_id, run_id, key) do update set value = excluded.value where had.value <> excluded.value`;
