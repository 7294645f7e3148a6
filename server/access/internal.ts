import { and, eq, ne } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { members } from "@/db/schema";
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
