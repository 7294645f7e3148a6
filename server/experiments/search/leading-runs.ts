import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { runs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { SortStretch } from "./run-sort";

/** Of an experiment with fewer runs all are read as fast. */
const LARGE = 5_000;
/** Leading runs looked at for each that is wanted, where a filter takes some of them away. */
const AHEAD = 8;
/** As many again, where archived runs and those of other experiments are all that is taken away. */
const AHEAD_UNFILTERED = 2;

interface LeadingQuery {
  stretch: SortStretch;
  after: (string | number)[] | undefined;
  wanted: number;
  experimentIds: string[] | null;
  byId: (runId: SQL) => SQL;
  isFiltered: boolean;
}

interface Leading {
  /** A condition that only the leading runs meet. */
  where: SQL;
  /** No other run has a value in the stretch. */
  areAll: boolean;
}

/**
 * The runs of the workspace that lead a stretch, by the rows of its first column alone: joining what a
 * hundred thousand runs are sorted by with the runs costs three times what reading it costs. Runs that
 * share the last value are left out, since others may share it, too. undefined where that finds too few.
 */
export async function leadingRuns(
  tx: Transaction,
  ctx: Context,
  { stretch, after, wanted, experimentIds, byId, isFiltered }: LeadingQuery,
): Promise<Leading | undefined> {
  const [key] = stretch.keys;
  const { alone } = stretch;
  if (!alone || !key || !(await areMany(tx, ctx, experimentIds))) return undefined;
  const limit = wanted * (isFiltered ? AHEAD : AHEAD_UNFILTERED);
  const { expression, ascending } = key;
  const bound = ascending ? sql`${expression} >=` : sql`${expression} <=`;
  const direction = ascending ? sql`asc` : sql`desc`;
  // Extremes are alike the newest values, by which the index walks: the best come early, and few of the others are kept.
  const walk = alone.isIndexed ? sql`` : sql`order by o.is_nan ${direction}, o.value ${direction}`;
  const { rows } = await tx.execute<{ id: string; value: number }>(sql`
    select id, value from (
      select o.run_id as id, ${expression} as value ${alone.from} and o.workspace_id = ${ctx.workspaceId}
        ${after ? sql`and ${bound} ${after[0]}::float8` : sql``} and ${byId(sql`o.run_id`)} ${walk}
    ) found
    order by value ${direction} limit ${limit}`);
  const areAll = rows.length < limit;
  const end = rows.at(-1)?.value;
  const leading = areAll ? rows : rows.filter(({ value }) => value !== end);
  if (!areAll && leading.length < wanted) return undefined;
  // An index that is walked along can end early; other rows are found by their keys.
  if (alone.isIndexed && !areAll) {
    const before = ascending ? sql`${expression} <` : sql`${expression} >`;
    return { where: sql`${before} ${end}::float8`, areAll };
  }
  const ids = leading.map(({ id }) => id);
  return { where: sql`${runs.id} = any(${sql.param(ids)}::uuid[])`, areAll };
}

async function areMany(
  tx: Transaction,
  ctx: Context,
  experimentIds: string[] | null,
): Promise<boolean> {
  if (!experimentIds) return true;
  const { rows } = await tx.execute<{ count: number }>(sql`
    select count(*)::int as count from (
      select from runs where workspace_id = ${ctx.workspaceId}
        and experiment_id = any(${sql.param(experimentIds)}::uuid[]) limit ${LARGE}
    ) found`);
  return rows[0]?.count === LARGE;
}
