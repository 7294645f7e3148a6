import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { customRoles } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getRoleInWorkspace } from "./internal";
import { toRoleDto } from "./list-roles";
import { requirePermission } from "./require-permission";
import { requireNotWider } from "./role-in-workspace";
import { type roleDto, updateRoleInput } from "./schemas";

/** Changes a custom role; whoever holds it may do more or less within a second. */
export async function updateRole(
  ctx: Context,
  input: z.input<typeof updateRoleInput>,
): Promise<z.infer<typeof roleDto>> {
  requirePermission(ctx, "members:write");
  const { name, description, permissions } = updateRoleInput.parse(input);
  const rule = "Nobody makes a role that may do more than their own";
  requireNotWider(ctx, permissions ?? [], rule);
  return withWorkspace(ctx, async (tx) => {
    const before = await getRoleInWorkspace(tx, ctx, name);
    const [row = before] = await tx
      .update(customRoles)
      .set({
        ...(description === undefined ? {} : { description }),
        ...(permissions === undefined ? {} : { permissions: [...new Set(permissions)] }),
        updatedAt: ctx.now(),
      })
      .where(and(eq(customRoles.workspaceId, ctx.workspaceId), eq(customRoles.name, name)))
      .returning();
    await recordAudit(tx, ctx, {
      action: "role.updated",
      subjectType: "role",
      subjectId: name,
      before: toRoleDto(before),
      after: toRoleDto(row),
    });
    await announceChange(tx, ctx, "access", name);
    return toRoleDto(row);
  });
}
