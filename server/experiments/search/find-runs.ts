import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { experiments, runs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { clientOf } from "../client-of";
import { compileFilter, type Filter, type Order } from "../filter";
import type { ExperimentRow, RunRow } from "../internal";
import { leadingRuns } from "./leading-runs";
import { COMMON, MANY, narrowByFilter } from "./narrow-runs";
import { afterSql, decodePlace, encodePlace, type RunPlace } from "./run-cursor";
import { type GoalOf, runComparisonSql } from "./run-fields";
import { type SortStretch, sortStretches } from "./run-sort";
import { runsBehind } from "./runs-behind";

/** Which runs are meant. */
export interface RunScope {
  /** null: every experiment. */
  experimentIds: string[] | null;
  filter: Filter | null;
  view: "active" | "deleted" | "all";
  goalOf: GoalOf;
  /** More conditions over `runs`. */
  conditions?: SQL[];
}

export interface RunPageQuery extends RunScope {
  orders: Order[];
  /** Direction of the last tie-break. */
  idAscending: boolean;
  limit: number;
  cursor?: string | undefined;
}

interface FoundRun {
  run: RunRow;
  experiment: Pick<ExperimentRow, "number" | "name">;
}

/** `runs` with its experiment, as every search reads them. */
export const RUNS_FROM = sql`runs join experiments on experiments.workspace_id = runs.workspace_id and experiments.id = runs.experiment_id`;

/** The conditions of a scope over RUNS_FROM; undefined when it is known that no run meets them. */
export async function scopeSql(
  tx: Transaction,
  ctx: Context,
  scope: RunScope,
): Promise<SQL | undefined> {
  const parts = await scopeParts(tx, ctx, scope);
  return parts && sql`${parts.where()} and ${parts.byId(RUN_ID)}`;
}

const RUN_ID = sql`${runs.id}`;

/** Of longer pages what runs logged is joined. */
const LOOKED_UP_MAX = 1_001;

interface ScopeParts {
  /** The other conditions; with an id, what runs logged is looked up under it, run by run. */
  where: (lookUp?: SQL) => SQL;
  /** The condition on ids, wherever the query has the id. */
  byId: (runId: SQL) => SQL;
  idCount?: number | undefined;
  isCommon?: boolean | undefined;
  gathered?: SQL | undefined;
  /** More is asked of a run than its id. */
  isFiltered: boolean;
}

/** Workers would each gather the ids again, and starting them takes longer than most searches; no run is looked up twice. */
const PLANNING = `select set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true),
  set_config('enable_memoize', 'off', true)`;

/** The same with the condition on ids apart, which is made of comparisons met by at most `most` runs. */
async function scopeParts(
  tx: Transaction,
  ctx: Context,
  scope: RunScope,
  most = MANY,
): Promise<ScopeParts | undefined> {
  await clientOf(tx).query(PLANNING);
  const narrowed = await narrowByFilter(tx, ctx, scope, most);
  if (!narrowed) return undefined;
  const keyRun = ctx.actor.type === "apiKey" ? ctx.actor.runId : null;
  const one = scope.experimentIds?.length === 1 ? scope.experimentIds[0] : undefined;
  const parts = [
    sql`${runs.workspaceId} = ${ctx.workspaceId}`,
    one ? sql`${runs.experimentId} = ${one}` : undefined,
    scope.experimentIds && !one
      ? sql`${runs.experimentId} = any(${sql.param(scope.experimentIds)}::uuid[])`
      : undefined,
    scope.view === "active" ? sql`${runs.deletedAt} is null` : undefined,
    scope.view === "deleted" ? sql`${runs.deletedAt} is not null` : undefined,
    // A key made for one run sees that run in every list.
    keyRun ? sql`${runs.id} = ${keyRun}` : undefined,
    ...(scope.conditions ?? []),
  ].filter((part) => part !== undefined);
  const { filter, ...rest } = narrowed;
  const where = (lookUp?: SQL) => {
    const by = lookUp && { workspaceId: ctx.workspaceId, runId: lookUp };
    const test = filter && compileFilter(filter, runComparisonSql(scope.goalOf, by));
    return sql.join(test ? [...parts, test] : parts, sql` and `);
  };
  return { ...rest, where, isFiltered: filter !== null };
}

/** One page of runs by keyset: page 1,000 costs what page 1 costs. Throws bad_request for a bad cursor. */
export async function findRuns(
  tx: Transaction,
  ctx: Context,
  query: RunPageQuery,
): Promise<{ rows: FoundRun[]; nextCursor: string | null }> {
  const stretches = sortStretches(query.orders, query.idAscending, query.goalOf);
  const from = query.cursor ? decodePlace(stretches, query.cursor) : undefined;
  const most = stretches[from?.stretch ?? 0]?.alone ? COMMON : MANY;
  let scope = await scopeParts(tx, ctx, query, most);
  const rows: FoundRun[] = [];
  let last: RunPlace | undefined;
  for (let at = from?.stretch ?? 0; scope && at < stretches.length; at += 1) {
    const stretch = stretches[at];
    if (!stretch) break;
    const after = from && at === from.stretch ? from.keys : undefined;
    const part = { stretch, after, wanted: query.limit + 1 - rows.length };
    let found = await readLeading(tx, ctx, query, scope, part);
    if (!found) {
      if (scope.isCommon && most < MANY) scope = (await scopeParts(tx, ctx, query)) ?? scope;
      const where = scope.where(lookedUpId(part, scope));
      found = await readStretch(tx, part, sql`${where} and ${scope.byId(stretch.runId)}`);
    }
    for (const row of found) {
      if (rows.length === query.limit) {
        return { rows, nextCursor: last ? encodePlace(stretches, last) : null };
      }
      rows.push(toFound(row));
      last = { stretch: at, keys: row.keys };
    }
    // All that meet the filter are found: the stretches that are left cannot hold another.
    if (!from && rows.length === scope.idCount) break;
  }
  return { rows, nextCursor: null };
}

/** The id by which runs are tested one by one, where few are met before the page is full; else a join may be faster. */
function lookedUpId({ stretch, wanted }: StretchPart, { idCount }: ScopeParts): SQL | undefined {
  if (idCount !== undefined) return RUN_ID;
  return stretch.alone?.isIndexed && wanted <= LOOKED_UP_MAX ? stretch.runId : undefined;
}

/** What is wanted of one stretch: so many runs after a place in it. */
interface StretchPart {
  stretch: SortStretch;
  after: (string | number)[] | undefined;
  wanted: number;
}

/** The runs of a part, found among those that lead the sort; undefined where all have to be read. */
async function readLeading(
  tx: Transaction,
  ctx: Context,
  query: RunPageQuery,
  scope: ScopeParts,
  part: StretchPart,
): Promise<RawRun[] | undefined> {
  // Ids that are counted out are fewer than the leading ones.
  if (scope.idCount !== undefined) return undefined;
  const lead = { ...part, ...scope, experimentIds: query.experimentIds };
  // An index gives what few runs lack.
  if (part.stretch.alone?.isIndexed && !scope.isCommon) {
    const stretch = await runsBehind(tx, ctx, lead);
    const rows = stretch && (await readStretch(tx, { ...part, stretch }, scope.where(RUN_ID)));
    return rows && rows.length >= part.wanted ? rows : undefined;
  }
  const leading = await leadingRuns(tx, ctx, lead);
  if (!leading) return undefined;
  const where = scope.where(lookedUpId(part, scope));
  const rows = await readStretch(tx, part, sql`${where} and ${leading.where}`);
  return leading.areAll || rows.length >= part.wanted ? rows : undefined;
}

/** What the driver gives: dates and 8-byte integers as text. */
type RawRun = {
  [K in keyof Omit<RunRow, "startTime" | "endTime" | "createdAt" | "deletedAt">]: RunRow[K];
} & {
  startTime: string;
  endTime: string | null;
  createdAt: string;
  deletedAt: string | null;
  number: number;
  experimentName: string;
  keys: (string | number)[];
};

async function readStretch(
  tx: Transaction,
  { stretch, after, wanted }: StretchPart,
  where: SQL,
): Promise<RawRun[]> {
  const orderBy = stretch.keys.map(({ expression, ascending }) =>
    ascending ? sql`${expression} asc` : sql`${expression} desc`,
  );
  const names = stretch.keys.map((_, at) => sql.identifier(`k${at}`));
  const keys = stretch.keys.map(({ expression }, at) => sql`${expression} as ${names[at]}`);
  // The keys become JSON outside, where only the page's rows pay for it.
  const { rows } = await tx.execute<RawRun>(sql`
    select page.*, json_build_array(${sql.join(
      names.map((name) => sql`page.${name}`),
      sql`, `,
    )}) as keys
    from (
      select ${runs.workspaceId} as "workspaceId", ${runs.id} as id, ${runs.experimentId} as "experimentId",
        ${runs.name} as name, ${runs.status} as status, ${runs.userName} as "userName",
        ${runs.startTime} as "startTime", ${runs.endTime} as "endTime", ${runs.createdAt} as "createdAt",
        ${runs.deletedAt} as "deletedAt", ${experiments.number} as number, ${experiments.name} as "experimentName",
        ${sql.join(keys, sql`, `)}
      from ${RUNS_FROM} ${stretch.join}
      where ${where} and ${stretch.where} ${after ? sql`and ${afterSql(stretch.keys, after)}` : sql``}
      order by ${sql.join(orderBy, sql`, `)}
      limit ${wanted}
    ) page`);
  return rows;
}

function toFound(raw: RawRun): FoundRun {
  const run = {
    workspaceId: raw.workspaceId,
    id: raw.id,
    experimentId: raw.experimentId,
    name: raw.name,
    status: raw.status,
    userName: raw.userName,
    startTime: Number(raw.startTime),
    endTime: raw.endTime === null ? null : Number(raw.endTime),
    createdAt: new Date(raw.createdAt),
    deletedAt: raw.deletedAt === null ? null : new Date(raw.deletedAt),
  };
  return { run, experiment: { number: raw.number, name: raw.experimentName } };
}
