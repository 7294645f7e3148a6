import type { Actor } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import { isRole, type Permission, roleAllows, rolesWith } from "./constants";

/** What a key made for one training run may do, and nothing else. */
const RUN_KEY: ReadonlySet<Permission> = new Set<Permission>([
  "experiments:read",
  "experiments:write",
  "datasets:read",
]);

export function actorAllows(actor: Actor, permission: Permission): boolean {
  if (actor.type === "job" || actor.type === "system") return true;
  if (actor.type === "apiKey" && actor.runId) return RUN_KEY.has(permission);
  if (actor.allows) return actor.allows(permission);
  return isRole(actor.role) && roleAllows(actor.role, permission);
}

/** First line of every verb. Throws forbidden, naming the roles that may. */
export function requirePermission(ctx: Pick<Context, "actor">, permission: Permission): void {
  if (actorAllows(ctx.actor, permission)) return;
  throw new AppError(
    "forbidden",
    `This needs the permission ${permission}. Ask somebody with the role ${rolesWith(permission).join(", ")}.`,
    { permission },
  );
}

/** A key bound to one run reaches no other run: for it they do not exist. */
export function requireRunInScope(ctx: Pick<Context, "actor">, runId: string): void {
  if (ctx.actor.type === "apiKey" && ctx.actor.runId && ctx.actor.runId !== runId) {
    throw notFound("The run");
  }
}
