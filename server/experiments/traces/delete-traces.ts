import { and, asc, eq, inArray, lte } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { traces } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getExperimentInWorkspace, refuseRunKey } from "../internal";
import { traceId } from "./schemas";

const deleteInput = z
  .object({
    experimentNumber: z.int(),
    traceIds: z.array(traceId).max(1000).default([]),
    /** Those that began at this time or before, oldest first; milliseconds since the epoch. */
    until: z.int().optional(),
    limit: z.int().min(1).optional(),
  })
  .superRefine(({ traceIds, until, limit }, issues) => {
    const named = traceIds.length > 0;
    if (named === (until !== undefined)) {
      const message =
        "Either `max_timestamp_millis` or `request_ids` must be specified, but not both.";
      issues.addIssue({ code: "custom", message });
    } else if (named && limit !== undefined) {
      const message = "`max_traces` can't be specified if `request_ids` is specified.";
      issues.addIssue({ code: "custom", message });
    }
  });

/** At most so many go in one call. */
const DELETED_MAX = 10_000;

/** Deletes traces of an experiment for good; answers how many. Throws not_found for the experiment. */
export async function deleteTraces(
  ctx: Context,
  input: z.input<typeof deleteInput>,
): Promise<number> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { experimentNumber, traceIds, until, limit } = deleteInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const experiment = await getExperimentInWorkspace(tx, ctx, String(experimentNumber));
    const chosen = tx
      .select({ id: traces.id })
      .from(traces)
      .where(
        and(
          eq(traces.workspaceId, ctx.workspaceId),
          eq(traces.experimentId, experiment.id),
          traceIds.length > 0 ? inArray(traces.id, traceIds) : undefined,
          until === undefined ? undefined : lte(traces.requestTime, until),
        ),
      )
      .orderBy(asc(traces.requestTime), asc(traces.id))
      .limit(Math.min(limit ?? DELETED_MAX, DELETED_MAX));
    const gone = await tx
      .delete(traces)
      .where(and(eq(traces.workspaceId, ctx.workspaceId), inArray(traces.id, chosen)))
      .returning({ id: traces.id });
    await recordAudit(tx, ctx, {
      action: "traces.deleted",
      subjectType: "experiment",
      subjectId: experiment.id,
      before: { traces: gone.length },
    });
    await announceChange(tx, ctx, "experiments", experiment.id);
    return gone.length;
  });
}
