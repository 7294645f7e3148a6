import { asc, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { members, users } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { requirePermission } from "./require-permission";
import type { memberDto } from "./schemas";

export async function listMembers(ctx: Context): Promise<{ items: z.infer<typeof memberDto>[] }> {
  requirePermission(ctx, "members:read");
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select({
        userId: members.userId,
        name: users.name,
        email: users.email,
        role: members.role,
        createdAt: members.createdAt,
      })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .where(eq(members.workspaceId, ctx.workspaceId))
      .orderBy(asc(users.name), asc(members.userId)),
  );
  return {
    items: rows.map((row) => ({
      ...row,
      createdAt: row.createdAt.toISOString(),
    })),
  };
}
