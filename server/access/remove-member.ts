import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { endMembership } from "./end-membership";
import { requirePermission } from "./require-permission";
import { memberInput } from "./schemas";

/** Ends a membership; the person's sessions see nothing of the workspace within a second. */
export async function removeMember(
  ctx: Context,
  input: z.input<typeof memberInput>,
): Promise<{ userId: string }> {
  requirePermission(ctx, "members:write");
  const { userId } = memberInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const { role } = await endMembership(tx, ctx, userId);
    await recordAudit(tx, ctx, {
      action: "member.removed",
      subjectType: "member",
      subjectId: userId,
      before: { role },
    });
    await announceChange(tx, ctx, "access", userId);
    return { userId };
  });
}
