import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { MetricPoint } from "./metric-points";
import type { Entry } from "./schemas";

export interface Target {
  workspaceId: string;
  runId: string;
}

/** What is written; each list without repetition, in the order rows are to be locked. */
export interface Batch {
  points: MetricPoint[];
  /** The newest point of each key among `points`. */
  latest: MetricPoint[];
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
    ["latest", batch.latest.length, () => latestPart(batch.latest)],
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
  on conflict do nothing`;

const latestPart = (points: MetricPoint[]): SQL => sql`
  insert into run_latest_metrics as l (workspace_id, run_id, key, timestamp, step, value, is_nan)
  select target.workspace_id, target.id, p.* from ${pointRows(points)}
  on conflict (workspace_id, run_id, key) do update
    set timestamp = excluded.timestamp, step = excluded.step, value = excluded.value, is_nan = excluded.is_nan
    where (excluded.step, excluded.timestamp, excluded.value, excluded.is_nan) > (l.step, l.timestamp, l.value, l.is_nan)`;

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
