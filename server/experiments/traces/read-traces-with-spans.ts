import { and, asc, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { traceSpans, traces } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { readTraces } from "./internal";
import type { TraceDto } from "./schemas";

const readInput = z.object({
  traceIds: z.array(z.string().max(1000)).max(1000),
  /** Without spans each trace has none. */
  withSpans: z.boolean().default(true),
});

/** Spans as proto JSON, in the order they began. */
export type TraceWithSpans = TraceDto & { spans: Record<string, unknown>[] };

/**
 * Traces with the spans that came by OpenTelemetry, in the order asked for; unknown ids are left out.
 * Spans that a client keeps among a trace's files are not here.
 */
export async function readTracesWithSpans(
  ctx: Context,
  input: z.input<typeof readInput>,
): Promise<TraceWithSpans[]> {
  requirePermission(ctx, "experiments:read");
  refuseRunKey(ctx);
  const { traceIds, withSpans } = readInput.parse(input);
  const ids = [...new Set(traceIds)].filter((id) => !id.includes("\0"));
  if (ids.length === 0) return [];
  return withWorkspace(ctx, async (tx) => {
    const rows = await tx
      .select()
      .from(traces)
      .where(and(eq(traces.workspaceId, ctx.workspaceId), inArray(traces.id, ids)));
    const byId = new Map((await readTraces(tx, ctx, rows)).map((trace) => [trace.id, trace]));
    const spans = withSpans
      ? await tx
          .select({ traceId: traceSpans.traceId, body: traceSpans.body })
          .from(traceSpans)
          .where(and(eq(traceSpans.workspaceId, ctx.workspaceId), inArray(traceSpans.traceId, ids)))
          .orderBy(asc(traceSpans.startTime), asc(traceSpans.spanId))
      : [];
    const ofTrace = Map.groupBy(spans, (span) => span.traceId);
    return ids.flatMap((id) => {
      const trace = byId.get(id);
      const bodies = (ofTrace.get(id) ?? []).map(({ body }) => body as Record<string, unknown>);
      return trace ? [{ ...trace, spans: bodies }] : [];
    });
  });
}
