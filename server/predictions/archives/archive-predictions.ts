import { sql } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { loadRetention, type Retention } from "../retention/internal";
import { archivePart, LogMoved } from "./archive-part";
import { type DaySlice, inSlice } from "./read-part";

const DAY_MS = 86_400_000;
/** Tries of a slice that changes while it is written. */
const TRIES = 3;

export interface Archived {
  /** Requests that lie in the artifact store now. */
  archived: number;
  /** Requests that went, as the workspace archives none. */
  deleted: number;
  /** Whether time ran out before the end. */
  more: boolean;
}

/**
 * Moves the days of the prediction log that are older than the workspace and its deployments keep
 * them into archives, oldest first. Repeating it, at the same time as well, changes nothing more.
 * Throws conflict when the workspace may store no more; what was moved until then stays moved.
 */
export async function archivePredictions(
  ctx: Context,
  options: { budgetMs?: number } = {},
): Promise<Archived> {
  requirePermission(ctx, "workspace:read");
  const end = performance.now() + (options.budgetMs ?? Number.POSITIVE_INFINITY);
  const done: Archived = { archived: 0, deleted: 0, more: false };
  for (const deploymentId of await loggedDeployments(ctx)) {
    const retention = await withWorkspace(ctx, (tx) => loadRetention(tx, ctx, deploymentId));
    for (;;) {
      const slice = await oldestDay(ctx, deploymentId, retention);
      if (!slice) break;
      if (performance.now() > end) return { ...done, more: true };
      if (retention.archiveDays > retention.keepDays) done.archived += await archive(ctx, slice);
      else done.deleted += await deleteDay(ctx, slice);
    }
  }
  return done;
}

/** Found by steps through the index, not by reading the log. */
async function loggedDeployments(ctx: Context): Promise<string[]> {
  const { rows } = await withWorkspace(ctx, (tx) =>
    tx.execute<{ id: string }>(sql`
      with recursive found as (
        (select deployment_id as id from prediction_logs where workspace_id = ${ctx.workspaceId}
          order by deployment_id limit 1)
        union all
        select (select l.deployment_id from prediction_logs l
          where l.workspace_id = ${ctx.workspaceId} and l.deployment_id > found.id
          order by l.deployment_id limit 1)
        from found where found.id is not null)
      select id from found where id is not null`),
  );
  return rows.map(({ id }) => id);
}

/** The oldest day with rows that are kept no longer, up to where they are kept; undefined when there is none. */
async function oldestDay(
  ctx: Context,
  deploymentId: string,
  { keepDays }: Retention,
): Promise<DaySlice | undefined> {
  const today = Math.floor(ctx.now().getTime() / DAY_MS) * DAY_MS;
  const cutoffMs = today - keepDays * DAY_MS;
  const all = { deploymentId, from: new Date(0), until: new Date(cutoffMs) };
  const { rows } = await withWorkspace(ctx, (tx) =>
    tx.execute<{ at: string }>(
      sql`select at from prediction_logs where ${inSlice(ctx, all)} order by at limit 1`,
    ),
  );
  if (!rows[0]) return undefined;
  const dayMs = Math.floor(new Date(rows[0].at).getTime() / DAY_MS) * DAY_MS;
  return { deploymentId, from: new Date(dayMs), until: new Date(dayMs + DAY_MS) };
}

async function archive(ctx: Context, slice: DaySlice): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return await archivePart(ctx, slice);
    } catch (error) {
      if (!(error instanceof LogMoved) || tries === TRIES) throw error;
    }
  }
}

async function deleteDay(ctx: Context, slice: DaySlice): Promise<number> {
  const { rowCount } = await withWorkspace(ctx, (tx) =>
    tx.execute(sql`delete from prediction_logs where ${inSlice(ctx, slice)}`),
  );
  return rowCount ?? 0;
}
