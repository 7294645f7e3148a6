import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { experimentTags } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getExperimentInWorkspace, refuseRunKey } from "./internal";
import { experimentRef } from "./schemas";

/** Removes one tag. Throws not_found when the experiment has no such tag. */
export async function deleteExperimentTag(
  ctx: Context,
  input: { experiment: string; key: string },
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const ref = experimentRef.parse(input.experiment);
  await withWorkspace(ctx, async (tx) => {
    const row = await getExperimentInWorkspace(tx, ctx, ref, { active: true });
    const [gone] = await tx
      .delete(experimentTags)
      .where(
        and(
          eq(experimentTags.workspaceId, ctx.workspaceId),
          eq(experimentTags.experimentId, row.id),
          eq(experimentTags.key, input.key.replaceAll("\0", "")),
        ),
      )
      .returning();
    if (!gone) {
      throw new AppError(
        "not_found",
        `No tag with name: ${input.key} in experiment with id ${row.number}`,
      );
    }
    await recordAudit(tx, ctx, {
      action: "experiment.untagged",
      subjectType: "experiment",
      subjectId: row.id,
      before: { key: gone.key, value: gone.value },
    });
    await announceChange(tx, ctx, "experiments", row.id);
  });
}
