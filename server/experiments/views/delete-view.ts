import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { savedViews } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { refuseRunKey } from "../internal";
import { viewInput } from "./schemas";

/** Deletes a saved view; nothing it showed changes. Throws not_found. */
export async function deleteView(ctx: Context, input: z.input<typeof viewInput>): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { view } = viewInput.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const [gone] = await tx
      .delete(savedViews)
      .where(and(eq(savedViews.workspaceId, ctx.workspaceId), eq(savedViews.id, view)))
      .returning();
    if (!gone) throw notFound("The view");
    await recordAudit(tx, ctx, {
      action: "view.deleted",
      subjectType: "view",
      subjectId: view,
      before: { page: gone.page, name: gone.name, state: gone.state },
    });
    await announceChange(tx, ctx, "experiments", view);
  });
}
