import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { CATALOGUE } from "./catalogue";
import { foundIn, reached, type Search, tableOf } from "./conditions";
import type { Scope } from "./erase-rows";

interface TextColumn extends Record<string, unknown> {
  table_name: string;
  column_name: string;
  tenant: boolean;
}

/** What a search of every text finds after an erasure. */
export interface Leftovers {
  /** Rows by table that ought to be clean. */
  left: Map<string, number>;
  /** Places that keep it by design. */
  kept: { place: string; rows: number; reason: string }[];
}

const KEPT = {
  chain:
    "The audit chain cannot change. New entries keep names and written texts beside it; ids stay.",
  word: "A word of the product's own that is written the same.",
  reference: "An id, key or slug of a thing that is written the same.",
  digest: "A hash.",
  sealed: "Encrypted.",
  setting: "A setting of the workspace.",
  schema: "The name of a measure, a column or a class.",
  numbers: "Measurements.",
} as const;

/** Numbers of measures by the million have the same names as the latest ones. */
const SAME_TEXT_ELSEWHERE = ["run_metrics", "run_metric_rollups"];

/** Columns the database itself says can hold text, whatever the catalogue says of them. */
async function textColumns(tx: Transaction): Promise<TextColumn[]> {
  const { rows } = await tx.execute<TextColumn>(sql`
    select case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end as table_name,
      a.attname as column_name,
      exists (select from pg_attribute w where w.attrelid = c.oid and w.attname = 'workspace_id') as tenant
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where n.nspname in ('public', 'inngest') and c.relkind in ('r', 'p') and not c.relispartition
      and a.atttypid::regtype::text in ('text', 'text[]', 'json', 'jsonb', 'character varying')
      and has_column_privilege(c.oid, a.attnum, 'select')
    order by 1, 2`);
  return rows.filter(({ table_name }) => !SAME_TEXT_ELSEWHERE.includes(table_name));
}

/**
 * Searches every text column the process can read for the subject. It asks the database for them,
 * not the catalogue, so that a table nobody declared is searched all the same.
 */
export async function searchEverywhere(
  tx: Transaction,
  search: Search,
  scope: Scope,
): Promise<Leftovers> {
  const found: Leftovers = { left: new Map(), kept: [] };
  for (const { table_name: table, column_name: column, tenant } of await textColumns(tx)) {
    const entry = CATALOGUE[table];
    const mine = entry
      ? reached(entry, scope.workspaceId, scope.everywhere)
      : tenant
        ? sql`workspace_id = ${scope.workspaceId}`
        : undefined;
    // What belongs to no workspace is not this workspace's to search.
    if (!mine || entry?.reach === "account") continue;
    if (entry?.reach === "executor" && !scope.everywhere) continue;
    const treatment = entry?.personal[column] ?? "text";
    const rows = await countFound(tx, table, mine, foundIn(column, treatment, search));
    if (rows === 0) continue;
    const reason = treatment === "chain" ? "chain" : entry?.plain[column];
    if (reason && reason !== "derived")
      found.kept.push({ place: `${table}.${column}`, rows, reason: KEPT[reason] });
    else found.left.set(table, (found.left.get(table) ?? 0) + rows);
  }
  return found;
}

async function countFound(tx: Transaction, table: string, mine: SQL, hit: SQL): Promise<number> {
  const { rows } = await tx.execute<{ n: string }>(
    sql`select count(*) as n from ${tableOf(table)} where ${mine} and ${hit}`,
  );
  return Number(rows[0]?.n ?? 0);
}
