import { and, eq, inArray, isNotNull } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments, runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { deletedExperiment } from "../internal";
import { lockRunsInWorkspace } from "./lock-runs";
import { type ChangedRuns, runsInput } from "./schemas";

/**
 * Brings archived runs back, all or none; active ones stay as they are. Throws not_found, conflict
 * while an experiment of theirs is deleted.
 */
export async function restoreRuns(
  ctx: Context,
  input: z.input<typeof runsInput>,
): Promise<ChangedRuns> {
  requirePermission(ctx, "experiments:write");
  const { runIds } = runsInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const archived = (await lockRunsInWorkspace(tx, ctx, runIds)).filter((run) => run.deletedAt);
    const ids = archived.map((run) => run.id);
    if (ids.length === 0) return { runIds: [] };
    const homes = [...new Set(archived.map((run) => run.experimentId))];
    const [gone] = await tx
      .select()
      .from(experiments)
      .where(
        and(
          eq(experiments.workspaceId, ctx.workspaceId),
          inArray(experiments.id, homes),
          isNotNull(experiments.deletedAt),
        ),
      )
      .limit(1);
    if (gone) throw deletedExperiment(gone);
    await tx
      .update(runs)
      .set({ deletedAt: null })
      .where(and(eq(runs.workspaceId, ctx.workspaceId), inArray(runs.id, ids)));
    for (const run of archived) {
      await recordAudit(tx, ctx, {
        action: "run.restored",
        subjectType: "run",
        subjectId: run.id,
        after: { name: run.name, status: run.status },
      });
    }
    await announceChange(tx, ctx, "experiments", ids[0] ?? "");
    return { runIds: ids };
  });
}
