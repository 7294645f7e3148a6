import { and, asc, eq, lt } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { predictionArchives, predictionOutcomes } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { loadRetention, longestRetentionDays } from "../retention/internal";
import { removeArchive } from "./remove-archive";

const DAY_MS = 86_400_000;
/** Archives of one transaction. */
const BATCH = 100;

/**
 * Removes archives whose time is over, and outcomes of requests nobody keeps any more. Answers how
 * many of each. Not audited: the setting that says so is.
 */
export async function expireArchives(
  ctx: Context,
): Promise<{ archives: number; outcomes: number }> {
  requirePermission(ctx, "workspace:read");
  const nowMs = ctx.now().getTime();
  const deploymentIds = await withWorkspace(ctx, (tx) =>
    tx
      .selectDistinct({ id: predictionArchives.deploymentId })
      .from(predictionArchives)
      .where(eq(predictionArchives.workspaceId, ctx.workspaceId)),
  );
  let archives = 0;
  for (const { id } of deploymentIds) {
    const { archiveDays } = await withWorkspace(ctx, (tx) => loadRetention(tx, ctx, id));
    archives += await expireOf(ctx, id, new Date(nowMs - archiveDays * DAY_MS));
  }
  const days = await withWorkspace(ctx, (tx) => longestRetentionDays(tx, ctx));
  const outcomes = await withWorkspace(ctx, (tx) =>
    tx
      .delete(predictionOutcomes)
      .where(
        and(
          eq(predictionOutcomes.workspaceId, ctx.workspaceId),
          lt(predictionOutcomes.requestedAt, new Date(nowMs - (days + 1) * DAY_MS)),
        ),
      ),
  );
  return { archives, outcomes: outcomes.rowCount ?? 0 };
}

async function expireOf(ctx: Context, deploymentId: string, before: Date): Promise<number> {
  const old = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(predictionArchives)
      .where(
        and(
          eq(predictionArchives.workspaceId, ctx.workspaceId),
          eq(predictionArchives.deploymentId, deploymentId),
          lt(predictionArchives.toAt, before),
        ),
      )
      .orderBy(asc(predictionArchives.toAt))
      .limit(BATCH),
  );
  for (const archive of old) await removeArchive(ctx, archive);
  return old.length < BATCH ? old.length : old.length + (await expireOf(ctx, deploymentId, before));
}
