import { and, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { invitations } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { requirePermission } from "./require-permission";
import { invitationInput } from "./schemas";

/** The link stops working at once. */
export async function revokeInvitation(
  ctx: Context,
  input: z.input<typeof invitationInput>,
): Promise<{ id: string }> {
  requirePermission(ctx, "members:write");
  const { id } = invitationInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const [row] = await tx
      .delete(invitations)
      .where(
        and(
          eq(invitations.workspaceId, ctx.workspaceId),
          eq(invitations.id, id),
          isNull(invitations.acceptedAt),
        ),
      )
      .returning();
    if (!row) throw notFound("The invitation");
    await recordAudit(tx, ctx, {
      action: "invitation.revoked",
      subjectType: "invitation",
      subjectId: id,
      before: { name: row.name, role: row.role },
    });
    await announceChange(tx, ctx, "access", id);
    return { id };
  });
}
