import { and, eq, isNotNull, lt } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { batchJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { workspaceRetention } from "../retention/internal";

const DAY_MS = 86_400_000;

/**
 * Takes the results of batch jobs away whose time is over; the jobs stay. Answers how many. Not
 * audited: the setting that says so is. The collector removes the bytes nothing stands for.
 */
export async function expireResults(ctx: Context): Promise<number> {
  requirePermission(ctx, "workspace:read");
  return withWorkspace(ctx, async (tx) => {
    const { resultDays } = await workspaceRetention(tx, ctx);
    if (resultDays === 0) return 0;
    const gone = await tx
      .update(batchJobs)
      .set({ resultSha256: null, resultBytes: null, preview: null, resultExpiredAt: ctx.now() })
      .where(
        and(
          eq(batchJobs.workspaceId, ctx.workspaceId),
          isNotNull(batchJobs.resultSha256),
          lt(batchJobs.finishedAt, new Date(ctx.now().getTime() - resultDays * DAY_MS)),
        ),
      )
      .returning({ id: batchJobs.id });
    for (const { id } of gone) await announceChange(tx, ctx, "predictions", id);
    return gone.length;
  });
}
