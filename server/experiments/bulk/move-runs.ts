import { and, eq, inArray } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getExperimentInWorkspace } from "../internal";
import { lockRunsInWorkspace } from "./lock-runs";
import { type ChangedRuns, moveRunsInput } from "./schemas";

/**
 * Puts runs into another experiment, all or none; ids, metrics and files stay. Throws not_found,
 * conflict for a deleted experiment.
 */
export async function moveRuns(
  ctx: Context,
  input: z.input<typeof moveRunsInput>,
): Promise<ChangedRuns> {
  requirePermission(ctx, "experiments:write");
  const { runIds, experiment } = moveRunsInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const target = await getExperimentInWorkspace(tx, ctx, experiment, {
      lock: true,
      active: true,
    });
    const moving = (await lockRunsInWorkspace(tx, ctx, runIds)).filter(
      (run) => run.experimentId !== target.id,
    );
    const ids = moving.map((run) => run.id);
    if (ids.length === 0) return { runIds: [] };
    await tx
      .update(runs)
      .set({ experimentId: target.id })
      .where(and(eq(runs.workspaceId, ctx.workspaceId), inArray(runs.id, ids)));
    for (const run of moving) {
      await recordAudit(tx, ctx, {
        action: "run.moved",
        subjectType: "run",
        subjectId: run.id,
        before: { experimentId: run.experimentId },
        after: { experimentId: target.id },
      });
    }
    await announceChange(tx, ctx, "experiments", target.id);
    return { runIds: ids };
  });
}
