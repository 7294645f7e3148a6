import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { countByStage, loadStages, toStageDto } from "./internal";
import type { StageList } from "./schemas";

/** The workspace's stages from left to right, with how many versions are in each. */
export async function listStages(ctx: Context): Promise<StageList> {
  requirePermission(ctx, "models:read");
  return withWorkspace(ctx, async (tx) => {
    const counts = await countByStage(tx, ctx);
    const items = (await loadStages(tx, ctx)).map((stage) => toStageDto(stage, counts));
    return { items, nextCursor: null };
  });
}
