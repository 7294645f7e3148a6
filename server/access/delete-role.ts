import { and, eq, gt, isNull } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { apiKeys, customRoles, invitations, members, oidcProviders } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getRoleInWorkspace } from "./internal";
import { toRoleDto } from "./list-roles";
import { requirePermission } from "./require-permission";
import { roleInput } from "./schemas";

/** Throws conflict while a member, a key, an open invitation or a provider's groups have the role. */
export async function deleteRole(
  ctx: Context,
  input: z.input<typeof roleInput>,
): Promise<{ name: string }> {
  requirePermission(ctx, "members:write");
  const { name } = roleInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const before = await getRoleInWorkspace(tx, ctx, name);
    const user = await holderOf(tx, ctx, name);
    if (user) throw new AppError("conflict", `The role ${name} is in use by ${user}.`);
    await tx
      .delete(customRoles)
      .where(and(eq(customRoles.workspaceId, ctx.workspaceId), eq(customRoles.name, name)));
    await recordAudit(tx, ctx, {
      action: "role.deleted",
      subjectType: "role",
      subjectId: name,
      before: toRoleDto(before),
    });
    await announceChange(tx, ctx, "access", name);
    return { name };
  });
}

async function holderOf(tx: Transaction, ctx: Context, role: string): Promise<string | undefined> {
  const own = ctx.workspaceId;
  const [member] = await tx
    .select({ one: members.userId })
    .from(members)
    .where(and(eq(members.workspaceId, own), eq(members.role, role)))
    .limit(1);
  if (member) return "a member";
  const [key] = await tx
    .select({ one: apiKeys.id })
    .from(apiKeys)
    .where(and(eq(apiKeys.workspaceId, own), eq(apiKeys.role, role), isNull(apiKeys.revokedAt)))
    .limit(1);
  if (key) return "an API key";
  const [invitation] = await tx
    .select({ one: invitations.id })
    .from(invitations)
    .where(
      and(
        eq(invitations.workspaceId, own),
        eq(invitations.role, role),
        isNull(invitations.acceptedAt),
        gt(invitations.expiresAt, ctx.now()),
      ),
    )
    .limit(1);
  if (invitation) return "an open invitation";
  const providers = await tx
    .select({ name: oidcProviders.name, groupRoles: oidcProviders.groupRoles })
    .from(oidcProviders)
    .where(eq(oidcProviders.workspaceId, own));
  const mapped = providers.find(({ groupRoles }) =>
    (groupRoles as { role: string }[]).some((one) => one.role === role),
  );
  return mapped && `the groups of ${mapped.name}`;
}
