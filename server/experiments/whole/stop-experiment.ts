import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { runs, trainingJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getExperimentInWorkspace, refuseRunKey } from "../internal";
import { type StoppedRuns, stoppedRuns, wholeInput } from "./schemas";

/** Statuses of a job that still owns its run. */
const OWNING = ["queued", "running"];

/**
 * Ends the runs of an experiment that still run: their status becomes KILLED, their end now. A run
 * of a training job is left to the job, which is cancelled on its own. Throws not_found, conflict for
 * a deleted experiment.
 */
export async function stopExperiment(
  ctx: Context,
  input: z.input<typeof wholeInput>,
): Promise<StoppedRuns> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { experiment } = wholeInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const home = await getExperimentInWorkspace(tx, ctx, experiment, { active: true });
    const running = await tx
      .select({ id: runs.id, status: runs.status })
      .from(runs)
      .where(
        and(
          eq(runs.workspaceId, ctx.workspaceId),
          eq(runs.experimentId, home.id),
          isNull(runs.deletedAt),
          inArray(runs.status, ["RUNNING", "SCHEDULED"]),
        ),
      )
      .orderBy(asc(runs.id))
      .for("no key update");
    const ids = running.map((run) => run.id);
    const owned = await tx
      .select({ runId: trainingJobs.runId })
      .from(trainingJobs)
      .where(
        and(
          eq(trainingJobs.workspaceId, ctx.workspaceId),
          inArray(trainingJobs.runId, ids),
          inArray(trainingJobs.status, OWNING),
        ),
      );
    const left = new Set(owned.map(({ runId }) => runId));
    const ended = running.filter((run) => !left.has(run.id));
    const after = { status: "KILLED", endTime: ctx.now().getTime() };
    await tx
      .update(runs)
      .set(after)
      .where(
        and(
          eq(runs.workspaceId, ctx.workspaceId),
          inArray(
            runs.id,
            ended.map((run) => run.id),
          ),
        ),
      );
    for (const run of ended) {
      await recordAudit(tx, ctx, {
        action: "run.updated",
        subjectType: "run",
        subjectId: run.id,
        before: { status: run.status },
        after,
      });
    }
    if (ended.length > 0) await announceChange(tx, ctx, "experiments", home.id);
    return stoppedRuns.parse({
      stopped: ended.map((run) => run.id),
      left: [...left].map((runId) => ({
        runId,
        reason: "A training job owns it: cancel the job.",
      })),
    });
  });
}
