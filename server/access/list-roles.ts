import { asc, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { customRoles } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { ROLE_PERMISSIONS, ROLES } from "./constants";
import { requirePermission } from "./require-permission";
import type { roleDto } from "./schemas";

type RoleDto = z.infer<typeof roleDto>;

export const toRoleDto = (row: typeof customRoles.$inferSelect): RoleDto => ({
  name: row.name,
  description: row.description,
  permissions: row.permissions,
  builtIn: false,
});

/** Built-in roles, weakest first, then the workspace's own by name. */
export async function listRoles(ctx: Context): Promise<{ items: RoleDto[] }> {
  requirePermission(ctx, "members:read");
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(customRoles)
      .where(eq(customRoles.workspaceId, ctx.workspaceId))
      .orderBy(asc(customRoles.name)),
  );
  const builtIn = ROLES.map((name) => ({
    name,
    description: "",
    permissions: [...ROLE_PERMISSIONS[name]],
    builtIn: true,
  }));
  return { items: [...builtIn, ...rows.map(toRoleDto)] };
}
