import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { grants } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { toGrantDto } from "./list-grants";
import { requirePermission } from "./require-permission";
import { grantInput } from "./schemas";

/** Withdraws a grant; with the last one the permission of the role decides alone again. */
export async function deleteGrant(
  ctx: Context,
  input: z.input<typeof grantInput>,
): Promise<{ id: string }> {
  requirePermission(ctx, "members:write");
  const { id } = grantInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const [row] = await tx
      .delete(grants)
      .where(and(eq(grants.workspaceId, ctx.workspaceId), eq(grants.id, id)))
      .returning();
    if (!row) throw notFound("The grant");
    await recordAudit(tx, ctx, {
      action: "grant.deleted",
      subjectType: "grant",
      subjectId: id,
      before: toGrantDto(row),
    });
    await announceChange(tx, ctx, "access", id);
    return { id };
  });
}
