import { eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { workspaces } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { personOf } from "./create-workspace";
import { getOwnWorkspace, toWorkspaceDto } from "./own-workspace";
import { requirePermission } from "./require-permission";
import type { workspaceDto } from "./schemas";

/**
 * Puts the workspace to rest: every call for it is refused until an administrator restores it from
 * another one. Throws conflict when the caller has no other workspace to come back from.
 */
export async function archiveWorkspace(ctx: Context): Promise<z.infer<typeof workspaceDto>> {
  requirePermission(ctx, "workspace:write");
  const userId = personOf(ctx);
  return withWorkspace(ctx, async (tx) => {
    const before = await getOwnWorkspace(tx, ctx);
    if (before.archivedAt) return toWorkspaceDto(before);
    const { rows } = await tx.execute<{ id: string; role: string }>(
      sql`select id, role from list_user_workspaces(${userId})`,
    );
    if (!rows.some((one) => one.id !== ctx.workspaceId)) {
      throw new AppError("conflict", "This is your only workspace: make another one first.");
    }
    const after = { ...before, archivedAt: ctx.now() };
    await tx
      .update(workspaces)
      .set({ archivedAt: after.archivedAt })
      .where(eq(workspaces.id, ctx.workspaceId));
    await recordAudit(tx, ctx, {
      action: "workspace.archived",
      subjectType: "workspace",
      subjectId: ctx.workspaceId,
      before: toWorkspaceDto(before),
      after: toWorkspaceDto(after),
    });
    await announceChange(tx, ctx, "access", ctx.workspaceId);
    return toWorkspaceDto(after);
  });
}
