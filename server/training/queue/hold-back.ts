import { and, eq, isNull, ne, or } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { trainingJobs } from "@/db/schema";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";

/** Says on a queued job why it waits; nothing when it says so already. */
export function explainWait(ctx: Context, jobId: string, message: string): Promise<void> {
  return withWorkspace(ctx, async (tx) => {
    const changed = await tx
      .update(trainingJobs)
      .set({ message })
      .where(
        and(
          eq(trainingJobs.workspaceId, ctx.workspaceId),
          eq(trainingJobs.id, jobId),
          eq(trainingJobs.status, "queued"),
          or(isNull(trainingJobs.message), ne(trainingJobs.message, message)),
        ),
      )
      .returning({ id: trainingJobs.id });
    if (changed.length > 0) await announceChange(tx, ctx, "training", jobId);
  });
}
