import { eq } from "drizzle-orm";
import type { z } from "zod";
import type { Transaction } from "@/db/client";
import { workspaces } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import type { workspaceDto } from "./schemas";

type WorkspaceRow = typeof workspaces.$inferSelect;

export const toWorkspaceDto = (row: WorkspaceRow): z.infer<typeof workspaceDto> => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  archivedAt: row.archivedAt?.toISOString() ?? null,
});

/** Loads and locks the workspace of the call. Throws not_found. */
export async function getOwnWorkspace(tx: Transaction, ctx: Context): Promise<WorkspaceRow> {
  const [row] = await tx
    .select()
    .from(workspaces)
    .where(eq(workspaces.id, ctx.workspaceId))
    .for("update");
  if (!row) throw notFound("The workspace");
  return row;
}
