import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { customRoles } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { isRole } from "./constants";
import { toRoleDto } from "./list-roles";
import { requirePermission } from "./require-permission";
import { requireNotWider } from "./role-in-workspace";
import { createRoleInput, type roleDto } from "./schemas";

/** Makes a role of the workspace's own. Throws conflict for a taken name, forbidden when wider than the caller. */
export async function createRole(
  ctx: Context,
  input: z.input<typeof createRoleInput>,
): Promise<z.infer<typeof roleDto>> {
  requirePermission(ctx, "members:write");
  const values = createRoleInput.parse(input);
  requireNotWider(ctx, values.permissions, "Nobody makes a role that may do more than their own");
  const taken = () => new AppError("conflict", `A role named ${values.name} exists already.`);
  if (isRole(values.name)) throw taken();
  return withWorkspace(ctx, async (tx) => {
    const permissions = [...new Set(values.permissions)];
    const [row] = await tx
      .insert(customRoles)
      .values({
        ...values,
        permissions,
        workspaceId: ctx.workspaceId,
        createdAt: ctx.now(),
        updatedAt: ctx.now(),
      })
      .onConflictDoNothing()
      .returning();
    if (!row) throw taken();
    const after = toRoleDto(row);
    await recordAudit(tx, ctx, {
      action: "role.created",
      subjectType: "role",
      subjectId: row.name,
      after,
    });
    await announceChange(tx, ctx, "access", row.name);
    return after;
  });
}
