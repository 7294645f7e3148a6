import { and, asc, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { experiments, traceAssessments, traces } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { AssessmentDto, TraceDto } from "./schemas";

export type TraceRow = typeof traces.$inferSelect;
type AssessmentRow = typeof traceAssessments.$inferSelect;

/** In the words by which clients tell a missing trace from a missing route. */
const noTrace = (id: string) => new AppError("not_found", `Trace with ID '${id}' not found.`);

/** Loads a trace. Throws not_found. */
export async function getTraceInWorkspace(
  tx: Transaction,
  ctx: Context,
  id: string,
  options: { lock?: boolean } = {},
): Promise<TraceRow> {
  if (id.includes("\0")) throw noTrace("");
  const query = tx
    .select()
    .from(traces)
    .where(and(eq(traces.workspaceId, ctx.workspaceId), eq(traces.id, id)));
  const [row] = options.lock ? await query.for("no key update") : await query;
  if (!row) throw noTrace(id);
  return row;
}

export const toAssessmentDto = (row: AssessmentRow): AssessmentDto => ({
  id: row.id,
  traceId: row.traceId,
  name: row.name,
  body: row.body as Record<string, unknown>,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

/** Traces as they go out, each with what is said of it, oldest first. */
export async function readTraces(
  tx: Transaction,
  ctx: Context,
  rows: TraceRow[],
): Promise<TraceDto[]> {
  if (rows.length === 0) return [];
  const said = await tx
    .select()
    .from(traceAssessments)
    .where(
      and(
        eq(traceAssessments.workspaceId, ctx.workspaceId),
        inArray(
          traceAssessments.traceId,
          rows.map((row) => row.id),
        ),
      ),
    )
    .orderBy(asc(traceAssessments.createdAt), asc(traceAssessments.id));
  const numbers = await tx
    .select({ id: experiments.id, number: experiments.number })
    .from(experiments)
    .where(
      and(
        eq(experiments.workspaceId, ctx.workspaceId),
        inArray(experiments.id, [...new Set(rows.map((row) => row.experimentId))]),
      ),
    );
  const numberOf = new Map(numbers.map(({ id, number }) => [id, number]));
  const byTrace = Map.groupBy(said, (one) => one.traceId);
  return rows.map((row) => ({
    id: row.id,
    experimentNumber: numberOf.get(row.experimentId) ?? 0,
    clientRequestId: row.clientRequestId,
    requestTime: row.requestTime,
    durationMs: row.durationMs,
    state: row.state as TraceDto["state"],
    requestPreview: row.requestPreview,
    responsePreview: row.responsePreview,
    metadata: row.metadata as Record<string, string>,
    tags: row.tags as Record<string, string>,
    assessments: (byTrace.get(row.id) ?? []).map(toAssessmentDto),
  }));
}

/** One trace as it goes out. */
export async function readTrace(tx: Transaction, ctx: Context, row: TraceRow): Promise<TraceDto> {
  const [trace] = await readTraces(tx, ctx, [row]);
  if (!trace) throw noTrace(row.id);
  return trace;
}
