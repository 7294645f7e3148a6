import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { members } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getMemberInWorkspace, keepAnAdmin } from "./internal";
import { requirePermission } from "./require-permission";
import { loadRole, requireNotWider } from "./role-in-workspace";
import { changeRoleInput } from "./schemas";

/** Throws conflict when the last administrator would lose the role. */
export async function changeRole(
  ctx: Context,
  input: z.input<typeof changeRoleInput>,
): Promise<{ userId: string; role: string }> {
  requirePermission(ctx, "members:write");
  const { userId, role } = changeRoleInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const before = await getMemberInWorkspace(tx, ctx, userId);
    const [had, wanted] = [await loadRole(tx, ctx, before.role), await loadRole(tx, ctx, role)];
    requireNotWider(ctx, had, "Nobody changes a member who may do more than themselves");
    requireNotWider(ctx, wanted, "Nobody gives a role that may do more than their own");
    if (before.role === "admin" && role !== "admin") await keepAnAdmin(tx, ctx, userId);
    await tx
      .update(members)
      .set({ role })
      .where(and(eq(members.workspaceId, ctx.workspaceId), eq(members.userId, userId)));
    await recordAudit(tx, ctx, {
      action: "member.role_changed",
      subjectType: "member",
      subjectId: userId,
      before: { role: before.role },
      after: { role },
    });
    await announceChange(tx, ctx, "access", userId);
    return { userId, role };
  });
}
