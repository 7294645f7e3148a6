import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { runs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { SortStretch } from "./run-sort";

/** Runs looked at on each side before a way is chosen. */
const SAMPLE = 24;
/** Of fewer with a value nothing is concluded. */
const SAMPLE_MIN = 12;
/** So few of the sample in the experiments asked about would leave too few of those found. */
const MINE_MIN = 6;
/** Share of runs ahead of those that meet the filter above which the other end is nearer. */
const AHEAD_SHARE = 0.6;
/** Runs found for each that is wanted, where only archived ones are taken away. */
const SPARE = 1.5;
/** As many where more is asked of them. */
const SPARE_FILTERED = 8;

/** Longer pages are read the other way. */
const WANTED_MAX = 1_001;

interface BehindQuery {
  stretch: SortStretch;
  after: unknown;
  wanted: number;
  experimentIds: string[] | null;
  /** The ids `run_id` of runs that meet the filter. */
  gathered?: SQL | undefined;
  isFiltered: boolean;
}

/**
 * The best of runs that meet a filter, where they are the last of the sort: the index is walked from its
 * other end only until every one of them was met, so that none can lie ahead. Answers the stretch with
 * those runs in place of all; undefined where they do not seem to be the last, or too few are found.
 */
export async function runsBehind(
  tx: Transaction,
  ctx: Context,
  query: BehindQuery,
): Promise<SortStretch | undefined> {
  const { stretch, after, wanted, gathered } = query;
  const [key] = stretch.keys;
  const { alone } = stretch;
  // A later page begins where such runs begin, and a long one needs most of them.
  if (!alone?.isIndexed || !key || !gathered || after || wanted > WANTED_MAX) return undefined;
  const back = key.ascending ? sql`desc` : sql`asc`;
  // A limit of 0 reads nothing.
  const { rows } = await tx.execute<{ id: string; value: number }>(sql`
    with met as materialized (${gathered}), way as materialized (${mostSql(ctx, query, gathered)})
    select o.run_id as id, ${key.expression} as value ${alone.from} and o.workspace_id = ${ctx.workspaceId}
      and (o.run_id in (select run_id from met)) is true
    order by o.is_nan ${back}, o.value ${back}
    limit coalesce((select most from way), 0)
    offset case when (select most from way) > 0 then (select greatest(count(*) - (select most from way), 0) from met) else 0 end`);
  // Others may share the first value.
  const first = rows[0]?.value;
  const best = rows.filter(({ value }) => value !== first);
  if (best.length < wanted) return undefined;
  const ids = sql.param(best.map(({ id }) => id));
  const values = sql.param(best.map(({ value }) => value));
  const join = sql`join unnest(${ids}::uuid[], ${values}::float8[]) as o(run_id, value) on o.run_id = ${runs.id}`;
  return { ...stretch, join, where: sql`true` };
}

/**
 * How many of those that meet the filter are to be found, 0 unless most runs lie ahead of them. A few of
 * both tell, since the planner has no statistics of two metrics together; it decides only which way is walked.
 */
function mostSql(ctx: Context, query: BehindQuery, gathered: SQL): SQL {
  const { stretch, experimentIds, wanted, isFiltered } = query;
  const { alone, keys } = stretch;
  const value = keys[0]?.expression;
  const [best, isAhead] = keys[0]?.ascending ? [sql`min`, sql`<`] : [sql`max`, sql`>`];
  const mine = experimentIds
    ? sql`and experiment_id = any(${sql.param(experimentIds)}::uuid[])`
    : sql``;
  const some = sql`array(${gathered} limit ${SAMPLE})`;
  const newest = sql`array(select id from runs where workspace_id = ${ctx.workspaceId}
    ${experimentIds?.length === 1 ? sql`and experiment_id = ${experimentIds[0]}` : sql``}
    order by start_time desc nulls first limit ${SAMPLE})`;
  const valuesOf = (ids: SQL) =>
    sql`${alone?.from} and o.workspace_id = ${ctx.workspaceId} and o.run_id = any(${ids})`;
  const most = wanted * (isFiltered ? SPARE_FILTERED : SPARE) * SAMPLE;
  // One without the value would be looked for as far as the other end.
  return sql`
    select case when lead.seen = ${SAMPLE} and mine.seen >= ${MINE_MIN} and count(*) >= ${SAMPLE_MIN}
        and count(*) filter (where one.value ${isAhead} lead.value) > count(*) * ${AHEAD_SHARE}::float8
      then ceil(${most}::float8 / mine.seen)::int8 else 0 end as most
    from (select ${best}(${value}) as value, count(*) as seen ${valuesOf(some)}) lead,
      (select count(*) as seen from runs where workspace_id = ${ctx.workspaceId} and id = any(${some}) ${mine}) mine,
      (select ${value} as value ${valuesOf(newest)}) one
    group by lead.seen, mine.seen`;
}
