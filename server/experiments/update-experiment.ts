import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import {
  experimentColumns,
  findExperimentByName,
  getExperimentInWorkspace,
  refuseRunKey,
  toExperimentDto,
} from "./internal";
import { type ExperimentDto, experimentRef, updateExperimentInput } from "./schemas";

/** Renames or describes. Throws conflict for a taken name and for a deleted experiment. */
export async function updateExperiment(
  ctx: Context,
  input: { experiment: string; changes: z.input<typeof updateExperimentInput> },
): Promise<ExperimentDto> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const ref = experimentRef.parse(input.experiment);
  const changes = updateExperimentInput.parse(input.changes);
  return withWorkspace(ctx, async (tx) => {
    const before = await getExperimentInWorkspace(tx, ctx, ref, { lock: true, active: true });
    if (changes.name !== undefined && changes.name !== before.name) {
      const taken = await findExperimentByName(tx, ctx, changes.name);
      if (taken) throw nameTaken(changes.name);
    }
    const [row] = await tx
      .update(experiments)
      .set({ ...changes, updatedAt: ctx.now() })
      .where(and(eq(experiments.workspaceId, ctx.workspaceId), eq(experiments.id, before.id)))
      .returning();
    const [more] = await tx
      .select(experimentColumns)
      .from(experiments)
      .where(and(eq(experiments.workspaceId, ctx.workspaceId), eq(experiments.id, before.id)));
    const after = toExperimentDto(
      row ?? before,
      more ?? { runCount: 0, lastRunAt: null, tags: [] },
    );
    await recordAudit(tx, ctx, {
      action: "experiment.updated",
      subjectType: "experiment",
      subjectId: before.id,
      before: { name: before.name, description: before.description },
      after: { name: after.name, description: after.description },
    });
    await announceChange(tx, ctx, "experiments", before.id);
    return after;
  });
}

const nameTaken = (name: string) =>
  new AppError("conflict", `Experiment(name=${name}) already exists.`, {
    issues: [{ path: "name", message: "is taken" }],
  });
