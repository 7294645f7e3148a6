import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { traces } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getExperimentInWorkspace, refuseRunKey } from "../internal";
import { readTrace } from "./internal";
import { SPANS_TAG } from "./log-spans";
import { startTraceInput, type TraceDto } from "./schemas";

/** Spans may have come before; where they are stays known. */
const withSpansTag = (tags: Record<string, string>) =>
  sql`case when traces.tags ? ${SPANS_TAG} then jsonb_build_object(${SPANS_TAG}::text, traces.tags -> ${SPANS_TAG}) else '{}' end || ${JSON.stringify(tags)}::jsonb`;

/**
 * Keeps a trace, or replaces what was sent of it before. Throws not_found for the experiment,
 * conflict for a deleted one and for a trace of another. not audited: it only appends.
 */
export async function startTrace(
  ctx: Context,
  input: z.input<typeof startTraceInput>,
): Promise<TraceDto> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { traceId, experimentNumber, ...values } = startTraceInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const experiment = await getExperimentInWorkspace(tx, ctx, String(experimentNumber), {
      active: true,
    });
    const key = { workspaceId: ctx.workspaceId, id: traceId };
    const [row] = await tx
      .insert(traces)
      .values({ ...key, ...values, experimentId: experiment.id, createdAt: ctx.now() })
      .onConflictDoUpdate({
        target: [traces.workspaceId, traces.id],
        set: { ...values, tags: withSpansTag(values.tags) },
        setWhere: and(
          eq(traces.workspaceId, ctx.workspaceId),
          eq(traces.experimentId, experiment.id),
        ),
      })
      .returning();
    if (!row) throw new AppError("conflict", `Trace ${traceId} belongs to another experiment.`);
    return readTrace(tx, ctx, row);
  });
}
