import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { members } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { getMemberInWorkspace, keepAnAdmin } from "./internal";
import { loadRole, requireNotWider } from "./role-in-workspace";

/**
 * Takes a member out inside the caller's transaction; answers the role they had. Throws not_found,
 * forbidden for a member who may do more than the actor, conflict for the last administrator.
 */
export async function endMembership(
  tx: Transaction,
  ctx: Context,
  userId: string,
): Promise<{ role: string }> {
  const before = await getMemberInWorkspace(tx, ctx, userId);
  const had = await loadRole(tx, ctx, before.role);
  requireNotWider(ctx, had, "Nobody removes a member who may do more than themselves");
  if (before.role === "admin") await keepAnAdmin(tx, ctx, userId);
  await tx
    .delete(members)
    .where(and(eq(members.workspaceId, ctx.workspaceId), eq(members.userId, userId)));
  return { role: before.role };
}
