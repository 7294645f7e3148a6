import { and, eq, ne } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { customRoles, members, oidcProviders } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";

/** Loads and locks a membership. Throws not_found. */
export async function getMemberInWorkspace(tx: Transaction, ctx: Context, userId: string) {
  const [row] = await tx
    .select()
    .from(members)
    .where(and(eq(members.workspaceId, ctx.workspaceId), eq(members.userId, userId)))
    .for("update");
  if (!row) throw notFound("The member");
  return row;
}

/** A workspace keeps an administrator. Throws conflict when `userId` is the last one. */
export async function keepAnAdmin(tx: Transaction, ctx: Context, userId: string): Promise<void> {
  const [other] = await tx
    .select({ userId: members.userId })
    .from(members)
    .where(
      and(
        eq(members.workspaceId, ctx.workspaceId),
        eq(members.role, "admin"),
        ne(members.userId, userId),
      ),
    )
    .for("update")
    .limit(1);
  if (!other) {
    throw new AppError(
      "conflict",
      "A workspace needs an administrator: make somebody else one first.",
    );
  }
}

/** Loads and locks a custom role. Throws not_found. */
export async function getRoleInWorkspace(tx: Transaction, ctx: Context, name: string) {
  const [row] = await tx
    .select()
    .from(customRoles)
    .where(and(eq(customRoles.workspaceId, ctx.workspaceId), eq(customRoles.name, name)))
    .for("update");
  if (!row) throw notFound("The custom role");
  return row;
}

/** Loads and locks a sign-in provider. Throws not_found. */
export async function getProviderInWorkspace(tx: Transaction, ctx: Context, id: string) {
  const [row] = await tx
    .select()
    .from(oidcProviders)
    .where(and(eq(oidcProviders.workspaceId, ctx.workspaceId), eq(oidcProviders.id, id)))
    .for("update");
  if (!row) throw notFound("The sign-in provider");
  return row;
}
