import { and, desc, eq, lt } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { auditLog } from "@/db/schema";
import { requirePermission } from "@/server/access/require-permission";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { type auditEntryDto, listAuditInput } from "./schemas";

/** What was done in the workspace, newest first. */
export async function listAudit(
  ctx: Context,
  input: z.input<typeof listAuditInput>,
): Promise<{ items: z.infer<typeof auditEntryDto>[]; nextCursor: string | null }> {
  requirePermission(ctx, "audit:read");
  const query = listAuditInput.parse(input);
  const before = query.cursor === undefined ? undefined : Number(query.cursor);
  if (before !== undefined && !Number.isSafeInteger(before)) {
    throw new AppError("bad_request", "The cursor is not one of ours: take nextCursor unchanged.");
  }
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(auditLog)
      .where(
        and(
          eq(auditLog.workspaceId, ctx.workspaceId),
          before === undefined ? undefined : lt(auditLog.seq, before),
          query.action ? eq(auditLog.action, query.action) : undefined,
          query.subjectType ? eq(auditLog.subjectType, query.subjectType) : undefined,
          query.subjectId ? eq(auditLog.subjectId, query.subjectId) : undefined,
        ),
      )
      .orderBy(desc(auditLog.seq))
      .limit(query.limit + 1),
  );
  const items = rows.slice(0, query.limit);
  return {
    items: items.map((row) => ({
      seq: row.seq,
      at: row.at.toISOString(),
      actor: row.actor as Record<string, unknown>,
      action: row.action,
      subjectType: row.subjectType,
      subjectId: row.subjectId,
      before: row.before,
      after: row.after,
      requestId: row.requestId,
      hash: row.hash.toString("hex"),
    })),
    nextCursor: rows.length > query.limit ? String(items.at(-1)?.seq ?? "") : null,
  };
}
