import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Entry } from "./schemas";

export interface Target {
  workspaceId: string;
  runId: string;
}

/**
 * Writes parameters and tags in one statement; each list without repetition, in the order rows are to
 * be locked. `runs` is 0 when there is no active run to take them; `params` are the new ones and, with
 * their old value, those that would have changed.
 */
export async function writeEntries(
  tx: Transaction,
  target: Target,
  { params, tags }: { params: Entry[]; tags: Entry[] },
): Promise<{ runs: number; params: Entry[] | null }> {
  // Parts without rows are left out; the name tells the forms of the statement apart.
  const parts: [name: string, rows: number, part: () => SQL][] = [
    ["params", params.length, () => paramsPart(params)],
    ["tags", tags.length, () => tagsPart(tags)],
  ];
  const written = parts.filter(([, rows]) => rows > 0);
  const returned =
    params.length > 0
      ? sql<
          Entry[] | null
        >`(select json_agg(json_build_object('key', key, 'value', value)) from params)`
      : sql<null>`null::json`;
  const statement = tx
    .with(
      tx.$with("target", {}).as(targetPart(target)),
      ...written.map(([name, , part]) => tx.$with(name, {}).as(part())),
    )
    .select({ runs: sql<number>`(select count(*)::int from target)`, params: returned })
    .from(sql`(select 1) as one`)
    // Planning takes as long as running; a named statement is planned once a connection.
    .prepare(`write_entries_${written.map(([name]) => name).join("_")}`);
  const [row] = await statement.execute();
  return row ?? { runs: 0, params: null };
}

const targetPart = ({ workspaceId, runId }: Target): SQL => sql`select workspace_id, id from runs
  where workspace_id = ${workspaceId} and id = ${runId} and deleted_at is null for key share`;

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
