import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { runTags } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getRunInWorkspace } from "./internal";
import { deleteTagInput } from "./schemas";

/** Removes one tag of a run. Throws not_found for an unknown run or tag, conflict for a deleted run. */
export async function deleteTag(
  ctx: Context,
  input: z.input<typeof deleteTagInput>,
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  const { runId, key } = deleteTagInput.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const run = await getRunInWorkspace(tx, ctx, runId, { active: true });
    const [gone] = await tx
      .delete(runTags)
      .where(
        and(
          eq(runTags.workspaceId, ctx.workspaceId),
          eq(runTags.runId, run.id),
          eq(runTags.key, key.replaceAll("\0", "")),
        ),
      )
      .returning();
    if (!gone) {
      throw new AppError(
        "not_found",
        `No tag with name: ${key} in run with id ${run.id.replaceAll("-", "")}`,
      );
    }
    await recordAudit(tx, ctx, {
      action: "run.untagged",
      subjectType: "run",
      subjectId: run.id,
      before: { key: gone.key, value: gone.value },
    });
    await announceChange(tx, ctx, "experiments", run.id);
  });
}
