import { and, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { traceSpans, traces } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { LIMITS } from "../constants";
import { getExperimentInWorkspace, refuseRunKey } from "../internal";
import { runId, storedText } from "../schemas";
import { gatherTraces, SPAN_STATUSES, type SpanInput } from "./gather-traces";
import { traceId } from "./schemas";

/** Says, among a trace's tags, that its spans are in the database. Clients read it. */
export const SPANS_TAG = "mlflow.trace.spansLocation";

/** Rows of one insert. */
const CHUNK = 1000;

const tagMap = z.record(storedText(LIMITS.key).min(1), storedText(LIMITS.tagValue));

const spanInput = z.object({
  traceId,
  spanId: z.string().regex(/^[0-9a-f]{16}$/, "is no id of a span"),
  parentId: z.string().nullable(),
  name: storedText(1000),
  type: storedText(LIMITS.key).nullable(),
  status: z.enum(SPAN_STATUSES),
  /** Nanoseconds since the epoch. */
  startTime: z
    .bigint()
    .min(0n)
    .max(2n ** 63n - 1n),
  endTime: z
    .bigint()
    .min(0n)
    .max(2n ** 63n - 1n),
  inputs: storedText(10_000).nullable(),
  outputs: storedText(10_000).nullable(),
  /** Kept with the trace when this is its first span. */
  tags: tagMap,
  body: z.record(z.string(), z.unknown()),
}) satisfies z.ZodType<SpanInput>;

const logSpansInput = z.object({
  experimentNumber: z.int(),
  runId: runId.optional(),
  spans: z.array(spanInput).min(1).max(10_000),
});

/**
 * Keeps spans and, of a trace not known yet, what they say of it; sent again, a span replaces itself.
 * Throws not_found for the experiment, conflict for a deleted one and for a trace of another.
 * not audited: it only appends.
 */
export async function logSpans(
  ctx: Context,
  input: z.input<typeof logSpansInput>,
): Promise<{ traceIds: string[] }> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { experimentNumber, runId: run, spans } = logSpansInput.parse(input);
  const metadata = run ? { "mlflow.sourceRun": run.replaceAll("-", "") } : {};
  return withWorkspace(ctx, async (tx) => {
    const experiment = await getExperimentInWorkspace(tx, ctx, String(experimentNumber), {
      active: true,
    });
    const gathered = gatherTraces(spans);
    const ids = gathered.map((one) => one.id);
    await tx
      .insert(traces)
      .values(
        gathered.map(({ endTime, ...one }) => ({
          ...one,
          workspaceId: ctx.workspaceId,
          experimentId: experiment.id,
          durationMs: endTime - one.requestTime,
          metadata,
          tags: { ...one.tags, [SPANS_TAG]: "TRACKING_STORE" },
          createdAt: ctx.now(),
        })),
      )
      .onConflictDoUpdate({
        target: [traces.workspaceId, traces.id],
        set: joined(),
        setWhere: eq(traces.experimentId, experiment.id),
      });
    await refuseOthers(tx, ctx, ids, experiment.id);
    await insertSpans(tx, ctx, spans);
    return { traceIds: ids };
  });
}

/** A trace already known keeps what its client said of it; one in progress goes on. */
function joined() {
  const open = sql`traces.state in ('IN_PROGRESS', 'STATE_UNSPECIFIED')`;
  const start = sql`least(traces.request_time, excluded.request_time)`;
  const end = sql`greatest(traces.request_time + coalesce(traces.duration_ms, 0), excluded.request_time + excluded.duration_ms)`;
  return {
    requestTime: sql`case when ${open} then ${start} else traces.request_time end`,
    durationMs: sql`case when ${open} then ${end} - ${start} else traces.duration_ms end`,
    state: sql`case when ${open} then excluded.state else traces.state end`,
    requestPreview: sql`coalesce(traces.request_preview, excluded.request_preview)`,
    responsePreview: sql`coalesce(traces.response_preview, excluded.response_preview)`,
    tags: sql`excluded.tags || traces.tags || jsonb_build_object(${SPANS_TAG}::text, 'TRACKING_STORE')`,
    metadata: sql`excluded.metadata || traces.metadata`,
  };
}

async function refuseOthers(
  tx: Transaction,
  ctx: Context,
  ids: string[],
  experimentId: string,
): Promise<void> {
  const rows = await tx
    .select({ id: traces.id, experimentId: traces.experimentId })
    .from(traces)
    .where(and(eq(traces.workspaceId, ctx.workspaceId), inArray(traces.id, ids)));
  const other = rows.find((row) => row.experimentId !== experimentId);
  if (other) throw new AppError("conflict", `Trace ${other.id} belongs to another experiment.`);
}

async function insertSpans(tx: Transaction, ctx: Context, spans: SpanInput[]): Promise<void> {
  // One statement may not write a row twice.
  const last = [...new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, span])).values()];
  for (let at = 0; at < last.length; at += CHUNK) {
    await tx
      .insert(traceSpans)
      .values(
        last
          .slice(at, at + CHUNK)
          .map(({ traceId: trace, spanId, name, type, status, startTime, body }) => ({
            workspaceId: ctx.workspaceId,
            traceId: trace,
            spanId,
            name,
            type,
            status,
            startTime,
            body,
          })),
      )
      .onConflictDoUpdate({
        target: [traceSpans.workspaceId, traceSpans.traceId, traceSpans.spanId],
        set: {
          name: sql`excluded.name`,
          type: sql`excluded.type`,
          status: sql`excluded.status`,
          startTime: sql`excluded.start_time`,
          body: sql`excluded.body`,
        },
      });
  }
}
