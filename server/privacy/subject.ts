import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { isUuid } from "@/server/kernel/ids";
import { makeTerm, pseudonymOf, type Term } from "./policy";

/** Who is meant: accounts, and every text that names them. */
export interface Subject {
  userIds: string[];
  terms: Term[];
  pseudonym: string;
}

/** What a command over the whole installation knows of accounts beforehand. */
export interface KnownAccounts {
  userIds: string[];
  names: string[];
}

/**
 * The subject as this workspace knows it: members, people who left their name in the audit trail,
 * invitations to an e-mail address. Anything else is an id of the workspace's own records.
 */
export async function resolveSubject(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  typed: string,
  salt: Buffer,
  known?: KnownAccounts,
): Promise<Subject> {
  const ids = [typed, ...(known?.userIds ?? [])].filter(isUuid).map((id) => id.toLowerCase());
  const { rows } = await tx.execute<{
    id: string | null;
    name: string | null;
    email: string | null;
  }>(sql`
    with named as (
      select u.id::text as id, u.name, u.email from users u
      where u.id::text = any(${sql.param(ids)}::text[]) or lower(u.email) = lower(${typed})
      union
      select null, i.name, i.email from invitations i
      where i.workspace_id = ${ctx.workspaceId} and lower(i.email) = lower(${typed})
      union
      select case when p.subject_type in ('user', 'member') then p.subject_id end, p.data ->> 'name', p.data ->> 'email'
      from audit_personal p
      where p.workspace_id = ${ctx.workspaceId} and p.subject_type in ('user', 'member', 'invitation')
        and (p.subject_id = any(${sql.param(ids)}::text[]) or lower(p.data ->> 'email') = lower(${typed})))
    select distinct id, name, email from named`);
  const userIds = [...new Set([...rows.map((row) => row.id), ...(known?.userIds ?? [])])].filter(
    (id) => id !== null,
  );
  const pseudonym = pseudonymOf(salt, typed.toLowerCase());
  const found = [...rows.flatMap((row) => [row.name, row.email]), ...(known?.names ?? [])];
  const texts = new Set([...userIds, ...found].filter((text) => text !== null && text !== ""));
  texts.delete(typed);
  const terms = [
    makeTerm(typed, pseudonym, salt, true),
    ...[...texts].map((text) => makeTerm(String(text), pseudonym, salt, false)),
  ];
  // Longer ones first, so that a name inside an address does not spoil it.
  return { userIds, pseudonym, terms: terms.toSorted((a, b) => b.text.length - a.text.length) };
}
