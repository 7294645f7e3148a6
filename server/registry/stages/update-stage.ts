import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import {
  countByStage,
  loadStages,
  lockStages,
  requireStage,
  saveStages,
  toStageDto,
} from "./internal";
import { requireReviewers } from "./require-reviewers";
import { type Stage, type StageDto, updateStageInput } from "./schemas";

/**
 * Changes a stage; its key stays. Open requests follow the new rules from then on. Throws not_found,
 * validation_failed when it no longer fits the others.
 */
export async function updateStage(
  ctx: Context,
  input: z.input<typeof updateStageInput>,
): Promise<StageDto> {
  requirePermission(ctx, "stages:write");
  const { stage: key, ...changes } = updateStageInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    await lockStages(tx, ctx, "exclusive");
    const all = await loadStages(tx, ctx);
    const before = requireStage(all, key);
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    const stage: Stage = { ...before, ...Object.fromEntries(given) };
    if (changes.reviewers) await requireReviewers(tx, ctx, stage.reviewers);
    await saveStages(
      tx,
      ctx,
      all.map((one) => (one.key === key ? stage : one)),
    );
    const counts = await countByStage(tx, ctx);
    const after = toStageDto(stage, counts);
    await recordAudit(tx, ctx, {
      action: "stage.updated",
      subjectType: "stage",
      subjectId: key,
      before: toStageDto(before, counts),
      after,
    });
    await announceChange(tx, ctx, "registry", key);
    return after;
  });
}
