import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { lockChain, recordAudit } from "@/server/audit";
import { ERASED_ENTRIES, ERASURE_ACTION } from "@/server/audit/constants";
import type { Context } from "@/server/kernel/context";
import type { TableEntry } from "./catalogue";
import { foundInRow, type Search } from "./conditions";

/** Ids in one audit entry. */
const IDS_MAX = 1_000;

/**
 * Writes into the audit chain which rows beside it this erasure takes, before it takes them: a row
 * that is missing without such an entry was removed by somebody else.
 */
export async function announceErasedEntries(
  tx: Transaction,
  ctx: Context,
  erasureId: string,
  entry: TableEntry,
  search: Search,
): Promise<void> {
  // Nobody adds a row between the look and the deletion.
  await lockChain(tx, ctx);
  const { rows } = await tx.execute<{ id: string }>(
    sql`select id from audit_personal where workspace_id = ${ctx.workspaceId} and ${foundInRow(entry, search)}`,
  );
  for (let at = 0; at < rows.length; at += IDS_MAX) {
    await recordAudit(tx, ctx, {
      action: ERASURE_ACTION,
      subjectType: "erasure",
      subjectId: erasureId,
      after: { [ERASED_ENTRIES]: rows.slice(at, at + IDS_MAX).map((row) => row.id) },
    });
  }
}
