import { and, asc, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { savedViews } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { listViewsInput, VIEWS_MAX, type ViewDto, type viewList } from "./schemas";

/** The saved views of a page by name; a page holds at most 100, so there is one page of them. */
export async function listViews(
  ctx: Context,
  input: z.input<typeof listViewsInput>,
): Promise<z.infer<typeof viewList>> {
  requirePermission(ctx, "experiments:read");
  refuseRunKey(ctx);
  const { page } = listViewsInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const rows = await tx
      .select()
      .from(savedViews)
      .where(and(eq(savedViews.workspaceId, ctx.workspaceId), eq(savedViews.page, page)))
      .orderBy(asc(savedViews.name), asc(savedViews.id))
      .limit(VIEWS_MAX);
    return { items: rows.map(toViewDto), nextCursor: null };
  });
}

export const toViewDto = (row: typeof savedViews.$inferSelect): ViewDto => ({
  id: row.id,
  page: row.page,
  name: row.name,
  state: row.state as Record<string, string>,
  createdBy: row.createdBy,
  updatedAt: row.updatedAt.toISOString(),
});
