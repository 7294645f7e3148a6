import { and, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { customRoles, members } from "@/db/schema";
import { ROLES } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import type { Reviewers } from "./schemas";

/** Throws validation_failed for roles the workspace does not have and people who are no members. */
export async function requireReviewers(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  { roles, people }: Reviewers,
): Promise<void> {
  const custom = await tx
    .select({ name: customRoles.name })
    .from(customRoles)
    .where(eq(customRoles.workspaceId, ctx.workspaceId));
  const known = new Set<string>([...ROLES, ...custom.map(({ name }) => name)]);
  const strange = roles.find((role) => !known.has(role));
  if (strange) throw refuse("roles", `This workspace has no role named ${strange}.`);
  if (people.length === 0) return;
  const found = await tx
    .select({ userId: members.userId })
    .from(members)
    .where(and(eq(members.workspaceId, ctx.workspaceId), inArray(members.userId, people)));
  const present = new Set(found.map(({ userId }) => userId));
  if (people.some((one) => !present.has(one))) {
    throw refuse("people", "A person named as reviewer is no member of this workspace.");
  }
}

const refuse = (field: string, message: string) =>
  invalid(message, [{ path: `reviewers.${field}`, message }]);
