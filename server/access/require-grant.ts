import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { grants } from "@/db/schema";
import type { Actor } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { GRANT_ACTIONS } from "./constants";
import { actorAllows } from "./require-permission";

export interface GrantSubject {
  /** A model's id, or the name of an environment. */
  on: { modelId: string } | { environment: string };
  action: (typeof GRANT_ACTIONS)[number];
}

/**
 * After requirePermission, where a write touches a model or an environment. Where the subject has
 * grants, only grantees and those who may change grants pass. Throws forbidden.
 */
export async function requireGrant(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "actor">,
  { on, action }: GrantSubject,
): Promise<void> {
  // Checked first: most workspaces have no grants, and administrators need none.
  if (actorAllows(ctx.actor, "members:write")) return;
  const subject =
    "modelId" in on ? eq(grants.modelId, on.modelId) : eq(grants.environment, on.environment);
  const rows = await tx
    .select({ type: grants.granteeType, grantee: grants.grantee })
    .from(grants)
    .where(and(eq(grants.workspaceId, ctx.workspaceId), subject, eq(grants.action, action)));
  if (rows.length === 0 || rows.some((row) => isGrantee(ctx.actor, row))) return;
  const roles = rows.filter((row) => row.type === "role").map((row) => row.grantee);
  const whom = roles.length > 0 ? ` Ask somebody with the role ${roles.join(", ")}.` : "";
  const what = "modelId" in on ? "this model" : on.environment;
  throw new AppError(
    "forbidden",
    `Only some may ${action}${action === "deploy" && "environment" in on ? " to" : ""} ${what}.${whom}`,
  );
}

/** A key counts as itself, as its role, and as the person it acts for. */
function isGrantee(actor: Actor, row: { type: string; grantee: string }): boolean {
  if (actor.type !== "user" && actor.type !== "apiKey") return true;
  if (row.type === "role") return row.grantee === actor.role;
  if (row.type === "api_key") return actor.type === "apiKey" && row.grantee === actor.keyId;
  const person = actor.type === "user" ? actor.userId : actor.createdBy;
  return row.grantee === person;
}
