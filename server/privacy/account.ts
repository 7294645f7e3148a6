import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { endMembership } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { Touched } from "./erase-rows";
import type { Subject } from "./subject";

/** Ids of the subject that are members here. */
export async function membersAmong(
  tx: Transaction,
  ctx: Context,
  subject: Subject,
): Promise<string[]> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    select user_id as id from members
    where workspace_id = ${ctx.workspaceId} and user_id::text = any(${sql.param(subject.userIds)}::text[])`);
  return rows.map(({ id }) => id);
}

/**
 * Ends the subject's memberships, and the accounts that belong to no workspace after that with
 * their identities and sessions. `kept` counts accounts that other workspaces still need.
 */
export async function eraseAccounts(
  tx: Transaction,
  ctx: Context,
  subject: Subject,
): Promise<{ touched: Map<string, Touched>; kept: number }> {
  const touched = new Map<string, Touched>();
  const add = (table: string, rows: number) => {
    const before = touched.get(table)?.deleted ?? 0;
    if (rows > 0) touched.set(table, { found: before + rows, deleted: before + rows, changed: 0 });
  };
  const memberIds = await membersAmong(tx, ctx, subject);
  for (const userId of memberIds) await endMembership(tx, ctx, userId);
  add("members", memberIds.length);
  let kept = 0;
  for (const userId of subject.userIds) {
    const { rows } = await tx.execute<{ table_name: string; deleted: string }>(
      sql`select table_name, deleted from erase_account(${userId}::uuid)`,
    );
    for (const row of rows) add(row.table_name, Number(row.deleted));
    if (rows.length === 0 && memberIds.includes(userId)) kept += 1;
  }
  return { touched, kept };
}
