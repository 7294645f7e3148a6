import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { AppError } from "@/server/kernel/errors";
import { CATALOGUE, type Catalogue, type TableEntry, type Treatment } from "./catalogue";
import { foundIn, reached, type Search, tableOf, without } from "./conditions";
import { maskLogBorders } from "./mask-log-borders";

/** What was done to one table. */
export interface Touched {
  found: number;
  deleted: number;
  changed: number;
}

export interface Scope {
  workspaceId: string;
  /** The executor's tables as a whole, which belong to no workspace. */
  everywhere: boolean;
  /** Left out only by tests that show what an incomplete catalogue does. */
  catalogue?: Catalogue;
}

/** Tables end with the membership or the account. */
const ELSEWHERE: readonly Treatment[] = ["account", "member", "chain"];
const DELETES: readonly Treatment[] = ["row", "log"];

const columnsWith = (entry: TableEntry, wanted: (treatment: Treatment) => boolean) =>
  Object.entries(entry.personal).filter(([, treatment]) => wanted(treatment));

/** Rows in which the subject is found, by table, but for memberships and accounts; 0 is left out. */
export async function countRows(
  tx: Transaction,
  search: Search,
  scope: Scope,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const [table, entry] of Object.entries(scope.catalogue ?? CATALOGUE)) {
    const columns = columnsWith(entry, (one) => !ELSEWHERE.includes(one));
    if (columns.length === 0) continue;
    const mine = reached(entry, scope.workspaceId, scope.everywhere);
    const hits = columns.map(([column, treatment]) => foundIn(column, treatment, search));
    const rows = await numberOf(
      tx,
      sql`select count(*) as n from ${tableOf(table)} where ${mine} and (${sql.join(hits, sql` or `)})`,
    );
    if (rows > 0) counts.set(table, rows);
  }
  return counts;
}

async function numberOf(tx: Transaction, query: SQL): Promise<number> {
  const { rows } = await tx.execute<{ n: string }>(query);
  return Number(rows[0]?.n ?? 0);
}

/** Deletes the rows that are about the subject and puts a pseudonym where others mention it. */
export async function eraseRows(
  tx: Transaction,
  search: Search,
  scope: Scope,
): Promise<Map<string, Touched>> {
  const done = new Map<string, Touched>();
  for (const [table, entry] of Object.entries(scope.catalogue ?? CATALOGUE)) {
    const mine = reached(entry, scope.workspaceId, scope.everywhere);
    const deleted = await deleteRows(tx, table, entry, search, mine);
    const changed = await changeRows(tx, table, entry, search, mine);
    if (deleted + changed > 0) done.set(table, { found: deleted + changed, deleted, changed });
  }
  const masked = await maskLogBorders(tx, search, scope.workspaceId);
  if (masked > 0) {
    const logs = done.get("training_logs") ?? { found: 0, deleted: 0, changed: 0 };
    done.set("training_logs", {
      ...logs,
      found: logs.found + masked,
      changed: logs.changed + masked,
    });
  }
  return done;
}

async function deleteRows(
  tx: Transaction,
  table: string,
  entry: TableEntry,
  search: Search,
  mine: SQL,
): Promise<number> {
  const columns = columnsWith(entry, (one) => DELETES.includes(one));
  if (columns.length === 0) return 0;
  const hits = columns.map(([column, treatment]) => foundIn(column, treatment, search));
  const { rowCount } = await tx.execute(
    sql`delete from ${tableOf(table)} where ${mine} and (${sql.join(hits, sql` or `)})`,
  );
  return rowCount ?? 0;
}

async function changeRows(
  tx: Transaction,
  table: string,
  entry: TableEntry,
  search: Search,
  mine: SQL,
): Promise<number> {
  const columns = columnsWith(entry, (one) => !ELSEWHERE.includes(one) && !DELETES.includes(one));
  if (columns.length === 0) return 0;
  const hits = columns.map(([column, treatment]) => foundIn(column, treatment, search));
  const values = columns.map(
    ([column, treatment]) => sql`${sql.identifier(column)} = ${without(column, treatment, search)}`,
  );
  if (columns.some(([, treatment]) => treatment === "maker")) {
    // A key that acts for nobody would do all its role may.
    values.push(
      sql`revoked_at = case when ${foundIn("created_by", "maker", search)} then coalesce(revoked_at, now()) else revoked_at end`,
    );
  }
  try {
    const { rowCount } = await tx.execute(
      sql`update ${tableOf(table)} set ${sql.join(values, sql`, `)} where ${mine} and (${sql.join(hits, sql` or `)})`,
    );
    return rowCount ?? 0;
  } catch (error) {
    if (sqlState(error) !== "23505") throw error;
    throw new AppError(
      "conflict",
      `Two entries of ${table} differ only in how they write the subject: rename or delete one first.`,
    );
  }
}

const sqlState = (error: unknown): unknown =>
  ((error as { cause?: { code?: unknown } } | null)?.cause ?? (error as { code?: unknown })).code;
