import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { savedViews } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { actorName } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { refuseRunKey } from "../internal";
import { toViewDto } from "./list-views";
import { saveViewInput, VIEWS_MAX, type ViewDto } from "./schemas";

/**
 * Keeps the state of a page under a name; the same name again replaces it. Throws conflict when the
 * page holds 100 views.
 */
export async function saveView(
  ctx: Context,
  input: z.input<typeof saveViewInput>,
): Promise<ViewDto> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { page, name, state } = saveViewInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    // Two people who save at once must not both be the hundredth.
    await tx.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`views:${ctx.workspaceId}:${page}`}, 0))`,
    );
    const rows = await tx
      .select()
      .from(savedViews)
      .where(and(eq(savedViews.workspaceId, ctx.workspaceId), eq(savedViews.page, page)));
    const before = rows.find((row) => row.name === name);
    if (!before && rows.length >= VIEWS_MAX) {
      throw new AppError("conflict", `This page holds ${VIEWS_MAX} views: delete one first.`);
    }
    const now = ctx.now();
    const row = {
      workspaceId: ctx.workspaceId,
      id: before?.id ?? newId(now.getTime()),
      page,
      name,
      state,
      createdBy: before?.createdBy ?? actorName(ctx.actor),
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
    };
    await tx
      .insert(savedViews)
      .values(row)
      .onConflictDoUpdate({
        target: [savedViews.workspaceId, savedViews.id],
        set: { state, updatedAt: now },
      });
    await recordAudit(tx, ctx, {
      action: before ? "view.updated" : "view.created",
      subjectType: "view",
      subjectId: row.id,
      before: before && { state: before.state },
      after: { page, name, state },
    });
    await announceChange(tx, ctx, "experiments", row.id);
    return toViewDto(row);
  });
}
