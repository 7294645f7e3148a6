import { and, desc, eq, gt, isNull } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { invitations } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { requirePermission } from "./require-permission";
import type { invitationDto } from "./schemas";

/** Invitations that can still be accepted. */
export async function listInvitations(
  ctx: Context,
): Promise<{ items: z.infer<typeof invitationDto>[] }> {
  requirePermission(ctx, "members:read");
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(invitations)
      .where(
        and(
          eq(invitations.workspaceId, ctx.workspaceId),
          isNull(invitations.acceptedAt),
          gt(invitations.expiresAt, ctx.now()),
        ),
      )
      .orderBy(desc(invitations.createdAt)),
  );
  return {
    items: rows.map((row) => ({
      id: row.id,
      name: row.name,
      email: row.email,
      role: row.role,
      createdAt: row.createdAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
    })),
  };
}
