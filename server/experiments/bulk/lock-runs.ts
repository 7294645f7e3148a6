import { and, asc, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { runs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { parseRunId, type RunRow, refuseRunKey } from "../internal";

/**
 * Loads and locks runs of the workspace in one order, so that two calls over the same runs wait for
 * each other. One that is missing fails the whole call. Throws not_found.
 */
export async function lockRunsInWorkspace(
  tx: Transaction,
  ctx: Context,
  runIds: readonly string[],
): Promise<RunRow[]> {
  refuseRunKey(ctx);
  const ids = [...new Set(runIds.map(parseRunId))];
  const rows = await tx
    .select()
    .from(runs)
    .where(and(eq(runs.workspaceId, ctx.workspaceId), inArray(runs.id, ids)))
    .orderBy(asc(runs.id))
    .for("no key update");
  const found = new Set(rows.map((run) => run.id));
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length > 0) {
    throw new AppError(
      "not_found",
      `${missing.length} of ${ids.length} runs do not exist in this workspace, the first is ${missing[0]}. Nothing was changed.`,
    );
  }
  return rows;
}
