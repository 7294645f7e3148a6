import { and, asc, desc, eq, gt, gte, like, lt, not, or, type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { auditLog, auditPersonal } from "@/db/schema";
import { loadPersonal, withPersonal } from "./personal";
import type { AuditEntryDto, AuditFilter } from "./schemas";

/** `%`, `_` and the escape character itself, as plain characters of a LIKE pattern. */
const literal = (text: string): string => text.replaceAll(/[\\%_]/g, "\\$&");

function byActor(workspaceId: string, actor: string): SQL | undefined {
  const field = (name: string) => sql`${auditLog.actor} ->> ${name}`;
  const part = `%${literal(actor)}%`;
  return or(
    sql`${field("userId")} = ${actor}`,
    sql`${field("keyId")} = ${actor}`,
    sql`${field("type")} = ${actor}`,
    sql`${field("name")} ilike ${part}`,
    sql`${auditLog.actor} -> 'personal' ->> 'id' in (
      select ${auditPersonal.id}::text from ${auditPersonal}
      where ${auditPersonal.workspaceId} = ${workspaceId} and ${auditPersonal.data} ->> 'name' ilike ${part})`,
  );
}

/** One action by name, or with a final `*` all that begin so. */
const isAction = (action: string): SQL =>
  action.endsWith("*")
    ? like(auditLog.action, `${literal(action.slice(0, -1))}%`)
    : eq(auditLog.action, action);

function conditions(workspaceId: string, filter: AuditFilter): (SQL | undefined)[] {
  const { action, actor, subjectType, subjectId, from, to } = filter;
  const excluded = (filter.exclude ?? "").split(",").filter((one) => one.trim() !== "");
  return [
    eq(auditLog.workspaceId, workspaceId),
    actor ? byActor(workspaceId, actor) : undefined,
    action ? isAction(action) : undefined,
    ...excluded.map((one) => not(isAction(one.trim()))),
    subjectType ? eq(auditLog.subjectType, subjectType) : undefined,
    subjectId ? eq(auditLog.subjectId, subjectId) : undefined,
    from ? gte(auditLog.at, new Date(from)) : undefined,
    to ? lt(auditLog.at, new Date(to)) : undefined,
  ];
}

/** One page of a workspace's chain, newest first before `seq`, or oldest first after it. */
export async function readEntries(
  tx: Transaction,
  workspaceId: string,
  filter: AuditFilter,
  page: { order: "asc" | "desc"; seq: number | undefined; limit: number },
): Promise<AuditEntryDto[]> {
  const beyond = page.order === "asc" ? gt : lt;
  const rows = await tx
    .select()
    .from(auditLog)
    .where(
      and(
        ...conditions(workspaceId, filter),
        page.seq === undefined ? undefined : beyond(auditLog.seq, page.seq),
      ),
    )
    .orderBy((page.order === "asc" ? asc : desc)(auditLog.seq))
    .limit(page.limit);
  const known = await loadPersonal(tx, workspaceId, rows);
  return rows.map((row) => ({
    seq: row.seq,
    at: row.at.toISOString(),
    actor: withPersonal(row.actor, known) as Record<string, unknown>,
    action: row.action,
    subjectType: row.subjectType,
    subjectId: row.subjectId,
    before: withPersonal(row.before, known),
    after: withPersonal(row.after, known),
    requestId: row.requestId,
    hash: row.hash.toString("hex"),
  }));
}
