import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { runs, runTags } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { ENDED_STATUSES, LIMITS, RUN_STATUSES, type RunStatus } from "../constants";
import { getExperimentInWorkspace, getRunInWorkspace, parseRunId, refuseRunKey } from "../internal";
import { runId, storedText, timeMs } from "../schemas";

/** The tag of a run whose data are still on their way; it goes when the run is whole. */
const PENDING_TAG = "modelyard.importPending";

const beginInput = z.object({
  id: runId,
  experimentId: z.uuid(),
  name: storedText(LIMITS.runName),
  userName: storedText(LIMITS.userName),
  startTime: timeMs,
});

/** `copy`: its data are to be sent; `whole`: an import before has finished it. */
export type RunImportState = "copy" | "whole";

/**
 * Makes the run of another server under its id, running until it is finished. Throws conflict when
 * this id is a run of another experiment.
 */
export async function beginRunImport(
  ctx: Context,
  input: z.input<typeof beginInput>,
): Promise<RunImportState> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { id: text, experimentId, ...values } = beginInput.parse(input);
  const id = parseRunId(text);
  const { workspaceId } = ctx;
  return withWorkspace(ctx, async (tx) => {
    await getExperimentInWorkspace(tx, ctx, experimentId);
    const made = await tx
      .insert(runs)
      .values({ ...values, workspaceId, id, experimentId, status: "RUNNING", createdAt: ctx.now() })
      .onConflictDoNothing()
      .returning({ id: runs.id });
    if (made.length > 0) {
      await tx.insert(runTags).values({ workspaceId, runId: id, key: PENDING_TAG, value: "true" });
      return "copy";
    }
    const row = await getRunInWorkspace(tx, ctx, id);
    if (row.experimentId !== experimentId) {
      throw new AppError("conflict", "A run of this id is in another experiment here.");
    }
    const isEnded = ENDED_STATUSES.has(row.status as RunStatus);
    return (await isPending(tx, ctx, id)) || (!isEnded && !row.deletedAt) ? "copy" : "whole";
  });
}

async function isPending(tx: Transaction, ctx: Context, id: string): Promise<boolean> {
  const rows = await tx.select({ key: runTags.key }).from(runTags).where(pendingTag(ctx, id));
  return rows.length > 0;
}

const pendingTag = (ctx: Context, id: string) =>
  and(
    eq(runTags.workspaceId, ctx.workspaceId),
    eq(runTags.runId, id),
    eq(runTags.key, PENDING_TAG),
  );

const finishInput = z.object({
  id: runId,
  status: z.enum(RUN_STATUSES),
  endTime: timeMs.nullable(),
  isDeleted: z.boolean(),
  from: z.string().max(5000),
  /** What the other server sent of it, which has to be what is stored here. */
  sent: z.object({ params: z.int(), metrics: z.int(), points: z.int(), artifacts: z.int() }),
});

/**
 * Gives the run its status and end after all of its data are here. Throws conflict when fewer are
 * stored than were sent: the run stays unfinished then.
 */
export async function finishRunImport(
  ctx: Context,
  input: z.input<typeof finishInput>,
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { sent, from, ...end } = finishInput.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const before = await getRunInWorkspace(tx, ctx, end.id, { lock: true, active: true });
    await requireAll(tx, before, sent);
    const gone = await tx.delete(runTags).where(pendingTag(ctx, before.id)).returning();
    const after = {
      status: end.status,
      endTime: end.endTime,
      deletedAt: end.isDeleted ? ctx.now() : null,
    };
    const isChanged =
      gone.length > 0 ||
      end.isDeleted ||
      before.status !== end.status ||
      before.endTime !== end.endTime;
    if (!isChanged) return;
    await tx
      .update(runs)
      .set(after)
      .where(and(eq(runs.workspaceId, ctx.workspaceId), eq(runs.id, before.id)));
    await recordAudit(tx, ctx, {
      action: "run.imported",
      subjectType: "run",
      subjectId: before.id,
      after: { ...after, from, name: before.name, experimentId: before.experimentId, ...sent },
    });
    await announceChange(tx, ctx, "experiments", before.id);
  });
}

async function requireAll(
  tx: Transaction,
  run: { workspaceId: string; id: string },
  sent: z.output<typeof finishInput>["sent"],
): Promise<void> {
  const own = sql`workspace_id = ${run.workspaceId} and run_id = ${run.id}`;
  const [stored] = await tx
    .select({
      params: sql<number>`(select count(*)::int from run_params where ${own})`,
      metrics: sql<number>`(select count(*)::int from run_latest_metrics where ${own})`,
      points: sql<number>`(select coalesce(sum(points), 0)::float8 from run_latest_metrics where ${own})`,
      artifacts: sql<number>`(select count(*)::int from run_artifacts where ${own})`,
    })
    .from(sql`(select 1) as one`);
  for (const what of ["params", "metrics", "points", "artifacts"] as const) {
    if (stored && stored[what] >= sent[what]) continue;
    throw new AppError("conflict", `Of ${sent[what]} ${what} only ${stored?.[what]} are stored.`);
  }
}
