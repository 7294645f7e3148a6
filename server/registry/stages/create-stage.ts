import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { countByStage, loadStages, lockStages, saveStages, toStageDto } from "./internal";
import { requireReviewers } from "./require-reviewers";
import { createStageInput, type StageDto } from "./schemas";
import { archiveStage } from "./stage-rules";

/**
 * Adds a stage: before the archive where there is one, else at the end. Throws conflict for a taken
 * key or name, validation_failed when it does not fit the others.
 */
export async function createStage(
  ctx: Context,
  input: z.input<typeof createStageInput>,
): Promise<StageDto> {
  requirePermission(ctx, "stages:write");
  const stage = createStageInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    await lockStages(tx, ctx, "exclusive");
    const all = await loadStages(tx, ctx);
    const same = all.find(
      ({ key, name }) => key === stage.key || name.toLowerCase() === stage.name.toLowerCase(),
    );
    if (same)
      throw new AppError("conflict", `There is a stage ${same.name} (${same.key}) already.`);
    await requireReviewers(tx, ctx, stage.reviewers);
    const archive = archiveStage(all);
    const at = archive ? all.indexOf(archive) : all.length;
    await saveStages(tx, ctx, all.toSpliced(at, 0, stage));
    const after = toStageDto(stage, await countByStage(tx, ctx));
    await recordAudit(tx, ctx, {
      action: "stage.created",
      subjectType: "stage",
      subjectId: stage.key,
      after,
    });
    await announceChange(tx, ctx, "registry", stage.key);
    return after;
  });
}
