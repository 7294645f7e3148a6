import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { runTraces, traces } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { getRunInWorkspace, refuseRunKey } from "../internal";
import { traceId } from "./schemas";

const linkInput = z.object({
  runId: z.string(),
  traceIds: z.array(traceId).max(100, "A request can link at most 100 traces to a run."),
});

/**
 * Says that traces belong to a run, too. Throws not_found for the run or a trace, conflict for a
 * deleted run. not audited: it only appends.
 */
export async function linkTraces(ctx: Context, input: z.input<typeof linkInput>): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { runId, traceIds } = linkInput.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const run = await getRunInWorkspace(tx, ctx, runId, { active: true });
    const wanted = [...new Set(traceIds)].toSorted();
    if (wanted.length === 0) return;
    const found = await tx
      .select({ id: traces.id })
      .from(traces)
      .where(and(eq(traces.workspaceId, ctx.workspaceId), inArray(traces.id, wanted)));
    if (found.length < wanted.length) throw notFound("A trace of the list");
    await tx
      .insert(runTraces)
      .values(wanted.map((id) => ({ workspaceId: ctx.workspaceId, runId: run.id, traceId: id })))
      .onConflictDoNothing();
  });
}
