import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { desc, eq, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { auditLog } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { withoutPersonal, withoutPersonalActor } from "./personal";

export interface AuditEntry {
  /** `<subject>.<past participle>`, for instance model.created */
  action: string;
  subjectType: string;
  subjectId: string;
  before?: unknown;
  after?: unknown;
}

/** What of a row is hashed: every column but the two hashes. */
export interface HashedRow {
  workspaceId: string;
  seq: number;
  at: string;
  actor: unknown;
  action: string;
  subjectType: string;
  subjectId: string;
  before: unknown;
  after: unknown;
  requestId: string;
}

/** The bytes that are hashed for a row: the hash before it, then its canonical JSON (RFC 8785). */
export function auditHash(prevHash: Buffer, row: HashedRow): Buffer {
  const text = canonicalize(row) ?? "";
  return createHash("sha256").update(prevHash).update(text).digest();
}

/** JSON as Postgres keeps it: no undefined, no lone surrogates. */
const plain = (value: unknown): unknown =>
  value === undefined
    ? null
    : JSON.parse(JSON.stringify(value), (_key, one: unknown) =>
        typeof one === "string" ? one.toWellFormed() : one,
      );

/** Waits for other writers of the workspace's chain; from here on nothing is noted but by this transaction. */
export async function lockChain(tx: Transaction, ctx: Pick<Context, "workspaceId">): Promise<void> {
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`audit:${ctx.workspaceId}`}, 0))`,
  );
}

/** Appends to the workspace's chain inside the transaction of the change it tells of. */
export async function recordAudit(tx: Transaction, ctx: Context, entry: AuditEntry): Promise<void> {
  await lockChain(tx, ctx);
  const [last] = await tx
    .select({ seq: auditLog.seq, hash: auditLog.hash })
    .from(auditLog)
    .where(eq(auditLog.workspaceId, ctx.workspaceId))
    .orderBy(desc(auditLog.seq))
    .limit(1);
  const prevHash = last?.hash ?? Buffer.alloc(0);
  const at = ctx.now();
  const subject = { type: entry.subjectType, id: entry.subjectId };
  const row: HashedRow = {
    workspaceId: ctx.workspaceId,
    seq: (last?.seq ?? 0) + 1,
    at: at.toISOString(),
    actor: plain(await withoutPersonalActor(tx, ctx)),
    action: entry.action,
    subjectType: entry.subjectType,
    subjectId: entry.subjectId,
    before: await withoutPersonal(tx, ctx, subject, plain(entry.before)),
    after: await withoutPersonal(tx, ctx, subject, plain(entry.after)),
    requestId: ctx.requestId,
  };
  await tx.insert(auditLog).values({ ...row, at, prevHash, hash: auditHash(prevHash, row) });
}
