import { and, eq, isNotNull, lt } from "drizzle-orm";
import type { Pool } from "pg";
import { withWorkspace } from "@/db/client";
import { apiKeys, invitations, outbox, webhookDeliveries } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { deleteOldAnswers } from "@/server/limits";

const DAY_MS = 24 * 3600 * 1000;

/** How long after its end a row is kept, milliseconds. */
const KEPT = {
  sentEvent: 7 * DAY_MS,
  runKey: 7 * DAY_MS,
  invitation: 30 * DAY_MS,
  delivery: 30 * DAY_MS,
};

/** Also deletes ended sessions and sign-in links, which belong to no workspace. */
export async function listWorkspaceIds(pool: Pool): Promise<string[]> {
  await pool.query("select delete_ended_sessions()");
  const { rows } = await pool.query<{ id: string }>("select id from list_workspaces()");
  return rows.map(({ id }) => id);
}

/**
 * Deletes what can never matter again in one workspace; answers how many rows. No audit: nothing
 * anybody could still use is touched, and the audit rows of making and ending it stay.
 */
export async function deleteEndedRows(ctx: Context): Promise<number> {
  requirePermission(ctx, "workspace:read");
  const before = (ageMs: number) => new Date(ctx.now().getTime() - ageMs);
  const answers = await deleteOldAnswers(ctx);
  return withWorkspace(ctx, async (tx) => {
    const { workspaceId } = ctx;
    const results = [
      await tx
        .delete(outbox)
        .where(and(eq(outbox.workspaceId, workspaceId), lt(outbox.sentAt, before(KEPT.sentEvent)))),
      await tx
        .delete(apiKeys)
        .where(
          and(
            eq(apiKeys.workspaceId, workspaceId),
            isNotNull(apiKeys.runId),
            lt(apiKeys.expiresAt, before(KEPT.runKey)),
          ),
        ),
      await tx
        .delete(invitations)
        .where(
          and(
            eq(invitations.workspaceId, workspaceId),
            lt(invitations.expiresAt, before(KEPT.invitation)),
          ),
        ),
      await tx
        .delete(webhookDeliveries)
        .where(
          and(
            eq(webhookDeliveries.workspaceId, workspaceId),
            lt(webhookDeliveries.createdAt, before(KEPT.delivery)),
          ),
        ),
    ];
    return results.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), answers);
  });
}
