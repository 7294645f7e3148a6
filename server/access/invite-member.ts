import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { invitations } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { requirePermission } from "./require-permission";
import { loadRole, requireNotWider } from "./role-in-workspace";
import { inviteMemberInput, type newInvitationDto } from "./schemas";
import { hashToken, newToken } from "./session-token";

/** An invitation is good for this long, milliseconds. */
const INVITATION_MS = 7 * 24 * 3600 * 1000;

/** Makes a link that adds one person to the workspace, once. */
export async function inviteMember(
  ctx: Context,
  input: z.input<typeof inviteMemberInput>,
): Promise<z.infer<typeof newInvitationDto>> {
  requirePermission(ctx, "members:write");
  const values = inviteMemberInput.parse(input);
  const token = newToken();
  const now = ctx.now();
  const row = {
    ...values,
    id: newId(now.getTime()),
    createdAt: now,
    expiresAt: new Date(now.getTime() + INVITATION_MS),
  };
  await withWorkspace(ctx, async (tx) => {
    const wanted = await loadRole(tx, ctx, values.role);
    requireNotWider(ctx, wanted, "Nobody gives a role that may do more than their own");
    await tx.insert(invitations).values({
      ...row,
      workspaceId: ctx.workspaceId,
      tokenHash: hashToken(token),
      createdBy: ctx.actor.type === "user" ? ctx.actor.userId : null,
    });
    await recordAudit(tx, ctx, {
      action: "member.invited",
      subjectType: "invitation",
      subjectId: row.id,
      after: { name: row.name, role: row.role },
    });
    await announceChange(tx, ctx, "access", row.id);
  });
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    path: `/signin/link?invitation=${token}`,
  };
}
