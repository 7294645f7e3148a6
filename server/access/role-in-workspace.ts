import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { customRoles } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid } from "@/server/kernel/errors";
import { isRole, type Permission, permissionsOf } from "./constants";
import { actorAllows } from "./require-permission";

/** What a role of the workspace may do, built in or custom. Throws validation_failed for no role. */
export async function loadRole(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  role: string,
): Promise<ReadonlySet<Permission>> {
  if (isRole(role)) return permissionsOf(role, null);
  const [row] = await tx
    .select({ permissions: customRoles.permissions })
    .from(customRoles)
    .where(and(eq(customRoles.workspaceId, ctx.workspaceId), eq(customRoles.name, role)))
    // Held while a member or key takes it, so that it is not deleted meanwhile.
    .for("share");
  if (row) return permissionsOf(role, row.permissions);
  throw invalid(`This workspace has no role named ${role}.`, [
    { path: "role", message: "does not exist" },
  ]);
}

/** Throws forbidden when the actor lacks one of the permissions; `rule` says why that matters. */
export function requireNotWider(
  ctx: Pick<Context, "actor">,
  permissions: Iterable<Permission>,
  rule: string,
): void {
  const missing = [...permissions].find((one) => !actorAllows(ctx.actor, one));
  if (missing) throw new AppError("forbidden", `${rule}: ${missing}.`, { permission: missing });
}
