import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { scopeSql } from "./find-runs";
import { type ColumnsDto, listColumnsInput } from "./schemas";
import { experimentIdsOf } from "./scope";

/** Up to so many runs are counted one by one; of more, so many of the newest and the oldest are. */
const EXACT_MAX = 1000;
const NEWEST = 400;
const OLDEST = 100;
/** Most keys of a kind that are listed. */
const KEYS_MAX = 5000;
/** Rows of a key looked at to see whether one of them is of these experiments. */
const PROBED_ROWS = 500;

type KeyCount = ColumnsDto["metrics"][number];

/** Names of what runs of some experiments logged, those most runs have first. Throws not_found. */
export async function listColumns(
  ctx: Context,
  input: z.input<typeof listColumnsInput>,
): Promise<ColumnsDto> {
  requirePermission(ctx, "experiments:read");
  const query = listColumnsInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const experimentIds = await experimentIdsOf(tx, ctx, query.experimentIds);
    return readColumns(tx, ctx, experimentIds);
  });
}

/** The same inside a transaction at hand. */
export async function readColumns(
  tx: Transaction,
  ctx: Context,
  experimentIds: string[] | null,
): Promise<ColumnsDto> {
  const scope = {
    experimentIds,
    filter: null,
    view: "active" as const,
    goalOf: () => "maximize" as const,
  };
  const where = (await scopeSql(tx, ctx, scope)) ?? sql`false`;
  const counted = await tx.execute<{ count: number }>(
    sql`select count(*)::int as count from runs where ${where}`,
  );
  const total = counted.rows[0]?.count ?? 0;
  const isExact = total <= EXACT_MAX;
  const ids = isExact
    ? await pickRuns(tx, where, sql`${runs.startTime} desc, ${runs.id}`, EXACT_MAX)
    : [
        ...(await pickRuns(tx, where, sql`${runs.startTime} desc, ${runs.id}`, NEWEST)),
        ...(await pickRuns(tx, where, sql`${runs.startTime} asc, ${runs.id} desc`, OLDEST)),
      ];
  const read = async (table: string): Promise<KeyCount[]> => {
    const seen = await countKeys(tx, ctx, table, ids);
    if (isExact) return sorted(seen);
    const scaled = seen.map(({ key, runs: n }) => ({
      key,
      runs: Math.round((n * total) / ids.length),
    }));
    return sorted([...scaled, ...(await rareKeys(tx, ctx, table, where, scaled))]);
  };
  return {
    metrics: await read("run_latest_metrics"),
    params: await read("run_params"),
    tags: await read("run_tags"),
    runs: total,
    isExact,
  };
}

const sorted = (keys: KeyCount[]): KeyCount[] =>
  keys.toSorted((a, b) => b.runs - a.runs || (a.key < b.key ? -1 : 1));

async function pickRuns(
  tx: Transaction,
  where: SQL,
  orderBy: SQL,
  limit: number,
): Promise<string[]> {
  const { rows } = await tx.execute<{ id: string }>(
    sql`select ${runs.id} as id from runs where ${where} order by ${orderBy} limit ${limit}`,
  );
  return rows.map(({ id }) => id);
}

async function countKeys(
  tx: Transaction,
  ctx: Context,
  table: string,
  ids: string[],
): Promise<KeyCount[]> {
  const { rows } = await tx.execute<KeyCount & Record<string, unknown>>(sql`
    select key, count(*)::int as runs from ${sql.identifier(table)}
    where workspace_id = ${ctx.workspaceId} and run_id = any(${sql.param(ids)}::uuid[])
    group by key order by count(*) desc, key limit ${KEYS_MAX}`);
  return rows;
}

/**
 * Keys of the workspace the sample did not show, as far as runs of these experiments have them. The keys
 * are found by jumping along an index from one to the next.
 */
async function rareKeys(
  tx: Transaction,
  ctx: Context,
  table: string,
  where: SQL,
  seen: KeyCount[],
): Promise<KeyCount[]> {
  const name = sql.identifier(table);
  const ws = ctx.workspaceId;
  const { rows } = await tx.execute<KeyCount & Record<string, unknown>>(sql`
    with recursive keys(key) as (
      (select key from ${name} where workspace_id = ${ws} order by key limit 1)
      union all
      select (select t.key from ${name} t where t.workspace_id = ${ws} and t.key > keys.key order by t.key limit 1)
      from keys where keys.key is not null
    ), unseen as (
      select key from keys where key is not null and key <> all(${sql.param(seen.map(({ key }) => key))}::text[])
      limit ${KEYS_MAX}
    )
    select unseen.key, found.runs from unseen, lateral (
      select count(*)::int as runs from (
        select t.run_id from ${name} t where t.workspace_id = ${ws} and t.key = unseen.key limit ${PROBED_ROWS}
      ) probed join runs on runs.id = probed.run_id and ${where}
    ) found
    where found.runs > 0`);
  return rows;
}
