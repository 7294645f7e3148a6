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
import { memberInput } from "./schemas";

/** Ends a membership; the person's sessions see nothing of the workspace within a second. */
export async function removeMember(
  ctx: Context,
  input: z.input<typeof memberInput>,
): Promise<{ userId: string }> {
  requirePermission(ctx, "members:write");
  const { userId } = memberInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const before = await getMemberInWorkspace(tx, ctx, userId);
    const had = await loadRole(tx, ctx, before.role);
    requireNotWider(ctx, had, "Nobody removes a member who may do more than themselves");
    if (before.role === "admin") await keepAnAdmin(tx, ctx, userId);
    await tx
      .delete(members)
      .where(and(eq(members.workspaceId, ctx.workspaceId), eq(members.userId, userId)));
    await recordAudit(tx, ctx, {
      action: "member.removed",
      subjectType: "member",
      subjectId: userId,
      before: { role: before.role },
    });
    await announceChange(tx, ctx, "access", userId);
    return { userId };
  });
}
