import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { batchRowCounts } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { BatchJobRow } from "../internal";

/** Under what rows of jobs of no deployment count. */
const NO_DEPLOYMENT = "00000000-0000-0000-0000-000000000000";

/** Lengths of the slots that are kept, seconds, as those of live requests. */
const RESOLUTIONS = [10, 60, 3600] as const;

/**
 * Adds the rows of a part to the counts of the job's deployment, in the transaction that commits the
 * part: neither a kill nor a repetition counts a row twice.
 */
export async function countRows(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  { deploymentId, versionId }: BatchJobRow,
  { answered, failed }: { answered: number; failed: number },
): Promise<void> {
  const c = batchRowCounts;
  const nowMs = ctx.now().getTime();
  await tx
    .insert(c)
    .values(
      RESOLUTIONS.map((seconds) => ({
        ...{ workspaceId: ctx.workspaceId, deploymentId: deploymentId ?? NO_DEPLOYMENT },
        ...{ versionId, seconds, answered, failed },
        at: new Date(nowMs - (nowMs % (seconds * 1000))),
      })),
    )
    .onConflictDoUpdate({
      target: [c.workspaceId, c.deploymentId, c.seconds, c.at, c.versionId],
      set: {
        answered: sql`${c.answered} + excluded.answered`,
        failed: sql`${c.failed} + excluded.failed`,
      },
    });
}
