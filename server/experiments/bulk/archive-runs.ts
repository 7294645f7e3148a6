import { and, eq, inArray } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { lockRunsInWorkspace } from "./lock-runs";
import { type ChangedRuns, runsInput } from "./schemas";

/** Hides runs, all or none; they can be restored. Archived ones stay as they are. Throws not_found. */
export async function archiveRuns(
  ctx: Context,
  input: z.input<typeof runsInput>,
): Promise<ChangedRuns> {
  requirePermission(ctx, "experiments:write");
  const { runIds } = runsInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const active = (await lockRunsInWorkspace(tx, ctx, runIds)).filter((run) => !run.deletedAt);
    const ids = active.map((run) => run.id);
    if (ids.length === 0) return { runIds: [] };
    await tx
      .update(runs)
      .set({ deletedAt: ctx.now() })
      .where(and(eq(runs.workspaceId, ctx.workspaceId), inArray(runs.id, ids)));
    for (const run of active) {
      await recordAudit(tx, ctx, {
        action: "run.deleted",
        subjectType: "run",
        subjectId: run.id,
        before: { name: run.name, status: run.status },
      });
    }
    await announceChange(tx, ctx, "experiments", ids[0] ?? "");
    return { runIds: ids };
  });
}
