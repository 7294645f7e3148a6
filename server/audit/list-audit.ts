import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access/require-permission";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { readEntries } from "./read-entries";
import { type AuditEntryDto, listAuditInput } from "./schemas";

/** What was done in the workspace, newest first. */
export async function listAudit(
  ctx: Context,
  input: z.input<typeof listAuditInput>,
): Promise<{ items: AuditEntryDto[]; nextCursor: string | null }> {
  requirePermission(ctx, "audit:read");
  const { limit, cursor, ...filter } = listAuditInput.parse(input);
  const seq = cursor === undefined ? undefined : Number(cursor);
  if (seq !== undefined && !Number.isSafeInteger(seq)) {
    throw new AppError("bad_request", "The cursor is not one of ours: take nextCursor unchanged.");
  }
  const rows = await withWorkspace(ctx, (tx) =>
    readEntries(tx, ctx.workspaceId, filter, { order: "desc", seq, limit: limit + 1 }),
  );
  const items = rows.slice(0, limit);
  return {
    items,
    nextCursor: rows.length > limit ? String(items.at(-1)?.seq ?? "") : null,
  };
}
