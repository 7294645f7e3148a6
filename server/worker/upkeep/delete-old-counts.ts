import { and, eq, lt, or } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { batchRowCounts, predictionCounts } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Length of a slot in seconds to how long it is kept, milliseconds; longer slots hold the same sums. */
const KEPT: readonly (readonly [seconds: number, ms: number])[] = [
  [10, 8 * HOUR_MS],
  [60, 3 * DAY_MS],
  [3600, 400 * DAY_MS],
];

/** Deletes counts of predictions whose sums longer slots hold as well; answers how many rows. */
export async function deleteOldCounts(ctx: Context): Promise<number> {
  requirePermission(ctx, "workspace:read");
  const now = ctx.now().getTime();
  const isOver = (table: typeof predictionCounts | typeof batchRowCounts) =>
    and(
      eq(table.workspaceId, ctx.workspaceId),
      or(
        ...KEPT.map(([seconds, ms]) =>
          and(eq(table.seconds, seconds), lt(table.at, new Date(now - ms))),
        ),
      ),
    );
  return withWorkspace(ctx, async (tx) => {
    // not audited: nothing anybody could still read is touched.
    const requests = await tx.delete(predictionCounts).where(isOver(predictionCounts));
    const rows = await tx.delete(batchRowCounts).where(isOver(batchRowCounts));
    return (requests.rowCount ?? 0) + (rows.rowCount ?? 0);
  });
}
