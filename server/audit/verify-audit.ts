import { and, asc, eq, gt } from "drizzle-orm";
import { type Database, type Transaction, withWorkspace } from "@/db/client";
import { auditLog } from "@/db/schema";
import { requirePermission } from "@/server/access/require-permission";
import type { Context } from "@/server/kernel/context";
import { ERASED_ENTRIES, ERASURE_ACTION } from "./constants";
import { loadPersonal, personalDigest, personalRefs } from "./personal";
import { auditHash } from "./record-audit";
import type { AuditVerification } from "./schemas";

const PAGE_ROWS = 1_000;

type Row = typeof auditLog.$inferSelect;
type Visit = (seq: number, hash: Buffer) => string | undefined;

/** Whether the workspace's chain is as it was written. */
export async function verifyAudit(ctx: Context): Promise<AuditVerification> {
  requirePermission(ctx, "audit:read");
  return verifyChain(ctx);
}

/**
 * Walks a workspace's chain from its first row: numbers without gaps, each hash right and pointing
 * to the one before, personal data as its digest says. `visit` may object to a row with a reason.
 */
export async function verifyChain(
  scope: { db: Database; workspaceId: string },
  visit?: Visit,
): Promise<AuditVerification> {
  const state: { rows: number; hash: Buffer } = { rows: 0, hash: Buffer.alloc(0) };
  const missing = new Map<string, number>();
  const erased = new Set<string>();
  for (;;) {
    const page = await withWorkspace(scope, (tx) => readPage(tx, scope.workspaceId, state.rows));
    for (const { row, personal } of page) {
      const reason = problemOf(row, state, personal) ?? visit?.(row.seq, row.hash);
      if (reason) return { ...ended(state), broken: { seq: row.seq, reason } };
      state.rows = row.seq;
      state.hash = row.hash;
      for (const ref of personalRefs(row)) {
        if (!personal.has(ref.id) && !missing.has(ref.id)) missing.set(ref.id, row.seq);
      }
      for (const id of erasedEntries(row)) erased.add(id);
    }
    if (page.length < PAGE_ROWS) return { ...ended(state), broken: lost(missing, erased) };
  }
}

/** Ids of what an erasure took from beside the chain, as its own entry says. */
function erasedEntries({ action, after }: Row): string[] {
  const ids = (after as { [ERASED_ENTRIES]?: unknown } | null)?.[ERASED_ENTRIES];
  return action === ERASURE_ACTION && Array.isArray(ids) ? ids.map(String) : [];
}

/** The first row whose personal data is gone though no erasure says so. */
function lost(
  missing: ReadonlyMap<string, number>,
  erased: ReadonlySet<string>,
): AuditVerification["broken"] {
  const gone = [...missing].filter(([id]) => !erased.has(id)).map(([, seq]) => seq);
  if (gone.length === 0) return null;
  return {
    seq: Math.min(...gone),
    reason: "the personal data it points to is gone, and no erasure says so",
  };
}

const ended = (state: { rows: number; hash: Buffer }) => ({
  rows: state.rows,
  head: state.hash.toString("hex"),
});

async function readPage(tx: Transaction, workspaceId: string, after: number) {
  // The first page begins below 1, so that a row with a number of its own making shows.
  const beyond = after === 0 ? undefined : gt(auditLog.seq, after);
  const rows = await tx
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.workspaceId, workspaceId), beyond))
    .orderBy(asc(auditLog.seq))
    .limit(PAGE_ROWS);
  const personal = await loadPersonal(tx, workspaceId, rows);
  return rows.map((row) => ({ row, personal }));
}

function problemOf(
  row: Row,
  before: { rows: number; hash: Buffer },
  personal: Awaited<ReturnType<typeof loadPersonal>>,
): string | undefined {
  if (row.seq !== before.rows + 1) return `row ${before.rows + 1} is missing`;
  if (!row.prevHash.equals(before.hash)) return "it does not follow from the row before it";
  const { prevHash, hash, at, ...rest } = row;
  if (!auditHash(prevHash, { ...rest, at: at.toISOString() }).equals(hash)) {
    return "its content was changed";
  }
  for (const ref of personalRefs(row)) {
    const known = personal.get(ref.id);
    if (known && personalDigest(known.salt, known.data) !== ref.digest) {
      return "the personal data it points to was changed";
    }
  }
  return undefined;
}
