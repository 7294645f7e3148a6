import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experimentTags } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getExperimentInWorkspace, refuseRunKey } from "./internal";
import { experimentTagInput } from "./schemas";

/** Sets or replaces one tag. Throws conflict for a deleted experiment. */
export async function setExperimentTag(
  ctx: Context,
  input: z.input<typeof experimentTagInput>,
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { experiment, key, value } = experimentTagInput.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const row = await getExperimentInWorkspace(tx, ctx, experiment, { active: true });
    await tx
      .insert(experimentTags)
      .values({ workspaceId: ctx.workspaceId, experimentId: row.id, key, value })
      .onConflictDoUpdate({
        target: [experimentTags.workspaceId, experimentTags.experimentId, experimentTags.key],
        set: { value },
      });
    await recordAudit(tx, ctx, {
      action: "experiment.tagged",
      subjectType: "experiment",
      subjectId: row.id,
      after: { key, value },
    });
    await announceChange(tx, ctx, "experiments", row.id);
  });
}
