import type { Transaction } from "@/db/client";
import { clientOf } from "./client-of";
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
  const places = lists.flatMap((list, at) => list.map(() => at + 1));
  const values = [workspaceId, array(runIds), array(places), ...pointColumns(lists.flat())];
  const { rows } = await clientOf(tx).query<{ active: boolean[]; counts: Count[] }>({
    name: "insert_points",
    text: INSERT_POINTS,
    values,
  });
  return rows[0] ?? { active: [], counts: [] };
}

const INSERT_POINTS = `with target as (
    select id from runs where workspace_id = $1::uuid and id = any($2::uuid[]) and deleted_at is null
    order by id for key share),
  live as (
    select array(select r.id = any(array(select id from target)) from unnest($2::uuid[]) with ordinality as r(id, place)
      order by place) as runs),
  added as (
    insert into run_metrics (workspace_id, run_id, key, timestamp, step, value, is_nan)
    select $1::uuid, ($2::uuid[])[p.run], p.key, p.timestamp, p.step, p.value, p.is_nan
    from live, unnest($3::int4[], $4::text[], $5::int8[], $6::int8[], $7::float8[], $8::bool[])
      with ordinality as p(run, key, timestamp, step, value, is_nan, place)
    where live.runs[p.run] order by p.place
    on conflict do nothing returning run_id, key)
  select (select to_json(runs) from live) as active,
    (select coalesce(json_agg(json_build_array(array_position($2::uuid[], run_id), key, points)), '[]')
      from (select run_id, key, count(*) as points from added group by run_id, key) as c) as counts`;

/** Only points that were not there before count; all else is the same however often it is merged. */
async function mergeSeries(
  tx: Transaction,
  workspaceId: string,
  runIds: string[],
  series: Added[],
): Promise<void> {
  const values = [
    workspaceId,
    array(runIds),
    array(series.map((s) => s.run)),
    ...pointColumns(series.map((s) => s.latest)),
    array(series.map((s) => s.min?.value ?? null)),
    array(series.map((s) => s.min?.step ?? null)),
    array(series.map((s) => s.max?.value ?? null)),
    array(series.map((s) => s.max?.step ?? null)),
    array(series.map((s) => s.firstStep)),
    array(series.map((s) => s.firstTime)),
    array(series.map((s) => s.lastTime)),
    array(series.map((s) => s.points)),
  ];
  await clientOf(tx).query({ name: "merge_series", text: MERGE_SERIES, values });
}

const NEWER =
  "(excluded.step, excluded.timestamp, excluded.value, excluded.is_nan) > (l.step, l.timestamp, l.value, l.is_nan)";

const MERGE_SERIES = `insert into run_latest_metrics as l (workspace_id, run_id, key, timestamp, step, value, is_nan,
    min_value, min_step, max_value, max_step, first_step, first_time, last_time, points)
  select $1::uuid, ($2::uuid[])[s.run], s.key, s.timestamp, s.step, s.value, s.is_nan,
    s.min_value, s.min_step, s.max_value, s.max_step, s.first_step, s.first_time, s.last_time, s.points
  from unnest($3::int4[], $4::text[], $5::int8[], $6::int8[], $7::float8[], $8::bool[], $9::float8[], $10::int8[],
      $11::float8[], $12::int8[], $13::int8[], $14::int8[], $15::int8[], $16::int8[])
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
  where excluded.points > 0`;

const pointColumns = (points: MetricPoint[]): string[] => [
  array(points.map((p) => p.key)),
  array(points.map((p) => p.timestamp)),
  array(points.map((p) => p.step)),
  array(points.map((p) => p.value)),
  array(points.map((p) => p.isNan)),
];

/** The text form of a list, as SQL's arrays are written. Texts are keys, whose characters need no escape. */
function array(values: readonly (string | number | bigint | boolean | null)[]): string {
  if (typeof values[0] === "string") return `{"${values.join('","')}"}`;
  return `{${values.map((value) => value ?? "null").join(",")}}`;
}
