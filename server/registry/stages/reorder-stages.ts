import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import {
  countByStage,
  loadStages,
  lockStages,
  requireStage,
  saveStages,
  toStageDto,
} from "./internal";
import { reorderStagesInput, type StageList } from "./schemas";

/** Puts the stages in another order. Throws validation_failed unless every stage is named once. */
export async function reorderStages(
  ctx: Context,
  input: z.input<typeof reorderStagesInput>,
): Promise<StageList> {
  requirePermission(ctx, "stages:write");
  const { keys } = reorderStagesInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    await lockStages(tx, ctx, "exclusive");
    const all = await loadStages(tx, ctx);
    const before = all.map(({ key }) => key);
    const isWhole = keys.length === all.length && new Set(keys).size === all.length;
    if (!isWhole || !keys.every((key) => before.includes(key))) {
      const message = `name each of ${before.join(", ")} once`;
      throw invalid(`To reorder the stages, ${message}.`, [{ path: "keys", message }]);
    }
    const ordered = keys.map((key) => requireStage(all, key));
    await saveStages(tx, ctx, ordered);
    await recordAudit(tx, ctx, {
      action: "stages.reordered",
      subjectType: "workspace",
      subjectId: ctx.workspaceId,
      before: { keys: before },
      after: { keys },
    });
    await announceChange(tx, ctx, "registry", ctx.workspaceId);
    const counts = await countByStage(tx, ctx);
    return { items: ordered.map((stage) => toStageDto(stage, counts)), nextCursor: null };
  });
}
