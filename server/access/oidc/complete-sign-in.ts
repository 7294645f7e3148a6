import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { customRoles, members } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { isRole } from "../constants";
import { requirePermission } from "../require-permission";
import { roleOfGroups } from "./role-of-groups";
import type { SignInProvider } from "./sign-in-provider";

const person = z.object({
  sub: z.string().min(1).max(255),
  name: z.string().trim().min(1).max(200).optional().catch(undefined),
  preferred_username: z.string().trim().min(1).max(200).optional().catch(undefined),
  email: z.email().max(320).optional().catch(undefined),
});

/**
 * Takes a person in whom the provider vouches for. The membership follows their groups at every
 * sign-in; one that a colleague gave by hand is left alone. Answers whether they belong to the
 * workspace now; nothing is kept of people who do not.
 */
export async function completeSignIn(
  ctx: Context,
  provider: SignInProvider,
  claims: Record<string, unknown>,
): Promise<boolean> {
  requirePermission(ctx, "members:write");
  const { sub, name, preferred_username, email } = person.parse(claims);
  return withWorkspace(ctx, async (tx) => {
    const role = await mappedRole(tx, ctx, provider, claims[provider.groupClaim]);
    const known = await tx.execute<{ id: string }>(
      sql`select id from lookup_identity(${provider.issuer}, ${sub})`,
    );
    if (!role && !known.rows[0]) return false;
    const display = name ?? preferred_username ?? email ?? "Unnamed";
    const { rows } = await tx.execute<{ id: string }>(
      sql`select ensure_identity(${provider.issuer}, ${sub}, ${newId(ctx.now().getTime())}, ${display}, ${email ?? null}) as id`,
    );
    const userId = rows[0]?.id ?? "";
    return followGroups(tx, ctx, provider, { userId, name: display, role });
  });
}

/** A mapping to a custom role that is gone gives nothing. */
async function mappedRole(
  tx: Transaction,
  ctx: Context,
  provider: SignInProvider,
  claim: unknown,
): Promise<string | null> {
  const role = roleOfGroups(claim, provider.groupRoles);
  if (!role || isRole(role)) return role;
  const [row] = await tx
    .select({ name: customRoles.name })
    .from(customRoles)
    .where(and(eq(customRoles.workspaceId, ctx.workspaceId), eq(customRoles.name, role)));
  return row?.name ?? null;
}

async function followGroups(
  tx: Transaction,
  ctx: Context,
  provider: SignInProvider,
  who: { userId: string; name: string; role: string | null },
): Promise<boolean> {
  const { userId, role } = who;
  const mine = and(eq(members.workspaceId, ctx.workspaceId), eq(members.userId, userId));
  const [before] = await tx.select().from(members).where(mine).for("update");
  if (before && before.providerId !== provider.id) return true;
  if (before?.role === role) return true;
  if (!before && !role) return false;
  if (!role) await tx.delete(members).where(mine);
  else if (before) await tx.update(members).set({ role }).where(mine);
  else {
    await tx.insert(members).values({
      workspaceId: ctx.workspaceId,
      userId,
      role,
      providerId: provider.id,
      createdAt: ctx.now(),
    });
  }
  const actor = { type: "user", userId, name: who.name, role: role ?? "none" } as const;
  await recordAudit(
    tx,
    { ...ctx, actor },
    {
      action: role ? "member.signed_in_by_groups" : "member.lost_by_groups",
      subjectType: "member",
      subjectId: userId,
      before: before ? { role: before.role } : null,
      after: { role, provider: provider.name },
    },
  );
  await announceChange(tx, ctx, "access", userId);
  return role !== null;
}
