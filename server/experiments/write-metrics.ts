import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { type MetricPoint, preparePoints, type SeriesSummary } from "./metric-points";

/** A summary of one metric of the run at place `run` of a list, with how many points were new. */
interface Added extends SeriesSummary {
  run: number;
  points: number;
}

/**
 * Writes points of several runs: each point once, however often it comes, and what they say of their
 * metrics. Answers which of the runs are there and active; points of the others are left out.
 */
export async function writeMetrics(
  tx: Transaction,
  workspaceId: string,
  pointsByRun: ReadonlyMap<string, MetricPoint[]>,
): Promise<Set<string>> {
  // One order for all writers, so that two of them never wait for each other in a circle.
  const runIds = [...pointsByRun.keys()].toSorted();
  const batches = runIds.map((runId) => preparePoints(pointsByRun.get(runId) ?? []));
  const { active, counts } = await insertPoints(
    tx,
    workspaceId,
    runIds,
    batches.map((batch) => batch.points),
  );
  const count = new Map(counts.map(([run, key, points]) => [`${run} ${key}`, points]));
  const added = batches.flatMap(({ series }, at) =>
    series.flatMap((one): Added[] => {
      const points = count.get(`${at + 1} ${one.latest.key}`);
      return points ? [{ ...one, run: at + 1, points }] : [];
    }),
  );
  if (added.length > 0) await mergeSeries(tx, workspaceId, runIds, added);
  return new Set(runIds.filter((_, at) => active[at]));
}

type Count = [run: number, key: string, points: number];

/** Places in `runIds` count from 1, as those of SQL's arrays do. */
async function insertPoints(
  tx: Transaction,
  workspaceId: string,
  runIds: string[],
  lists: MetricPoint[][],
): Promise<{ active: boolean[]; counts: Count[] }> {
  const points = lists.flat();
  const ids = sql`${array(runIds)}::uuid[]`;
  const statement = tx
    .with(
      tx.$with("target", {}).as(
        sql`select id from runs where workspace_id = ${workspaceId} and id = any(${ids}) and deleted_at is null
          order by id for key share`,
      ),
      tx.$with("live", {}).as(
        sql`select array(select r.id = any(array(select id from target)) from unnest(${ids}) with ordinality as r(id, place)
          order by place) as runs`,
      ),
      tx.$with("added", {}).as(
        sql`insert into run_metrics (workspace_id, run_id, key, timestamp, step, value, is_nan)
          select ${workspaceId}::uuid, (${ids})[p.run], p.key, p.timestamp, p.step, p.value, p.is_nan
          from live, unnest(${array(lists.flatMap((list, at) => list.map(() => at + 1)))}::int4[], ${pointColumns(points)})
            with ordinality as p(run, key, timestamp, step, value, is_nan, place)
          where live.runs[p.run] order by p.place
          on conflict do nothing returning run_id, key`,
      ),
    )
    .select({
      active: sql<boolean[]>`(select to_json(runs) from live)`,
      counts: sql<
        Count[]
      >`(select coalesce(json_agg(json_build_array(array_position(${ids}, run_id), key, points)), '[]')
        from (select run_id, key, count(*) as points from added group by run_id, key) as c)`,
    })
    .from(sql`(select 1) as one`)
    // Planning takes as long as running; a named statement is planned once a connection.
    .prepare("insert_points");
  const [row] = await statement.execute();
  return row ?? { active: [], counts: [] };
}

const pointColumns = (points: MetricPoint[]): SQL => sql`${array(points.map((p) => p.key))}::text[],
    ${array(points.map((p) => p.timestamp))}::int8[], ${array(points.map((p) => p.step))}::int8[],
    ${array(points.map((p) => p.value))}::float8[], ${array(points.map((p) => p.isNan))}::bool[]`;

const NEWER = sql`(excluded.step, excluded.timestamp, excluded.value, excluded.is_nan) > (l.step, l.timestamp, l.value, l.is_nan)`;

/** Only points that were not there before count; all else is the same however often it is merged. */
async function mergeSeries(
  tx: Transaction,
  workspaceId: string,
  runIds: string[],
  series: Added[],
): Promise<void> {
  const merged = tx.$with("merged", {}).as(
    sql`insert into run_latest_metrics as l (workspace_id, run_id, key, timestamp, step, value, is_nan,
        min_value, min_step, max_value, max_step, first_step, first_time, last_time, points)
      select ${workspaceId}::uuid, (${array(runIds)}::uuid[])[s.run], s.key, s.timestamp, s.step, s.value, s.is_nan,
        s.min_value, s.min_step, s.max_value, s.max_step, s.first_step, s.first_time, s.last_time, s.points
      from unnest(${array(series.map((s) => s.run))}::int4[], ${pointColumns(series.map((s) => s.latest))},
        ${array(series.map((s) => s.min?.value ?? null))}::float8[], ${array(series.map((s) => s.min?.step ?? null))}::int8[],
        ${array(series.map((s) => s.max?.value ?? null))}::float8[], ${array(series.map((s) => s.max?.step ?? null))}::int8[],
        ${array(series.map((s) => s.firstStep))}::int8[], ${array(series.map((s) => s.firstTime))}::int8[],
        ${array(series.map((s) => s.lastTime))}::int8[], ${array(series.map((s) => s.points))}::int8[])
        with ordinality as s(run, key, timestamp, step, value, is_nan, min_value, min_step, max_value, max_step,
          first_step, first_time, last_time, points, place)
      order by s.place
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
        added_from = least(l.added_from, excluded.first_time),
        rolled_until = case when l.rolled_until is not null then least(l.rolled_until, excluded.first_time - 1) end
      where excluded.points > 0`,
  );
  await tx
    .with(merged)
    .select({ done: sql`1` })
    .from(sql`(select 1) as one`)
    .prepare("merge_series")
    .execute();
}

/** A parameter in the text form of SQL's arrays. Texts are keys, whose characters need no escape. */
function array(values: readonly (string | number | bigint | boolean | null)[]): SQL {
  const isText = typeof values[0] === "string";
  return sql`${isText ? `{"${values.join('","')}"}` : `{${values.map((v) => v ?? "null").join(",")}}`}`;
}
