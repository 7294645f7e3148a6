import { and, eq, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { traceAssessments } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";

/** Clients show ids as `a-` and 32 hex digits. */
function parseAssessmentId(text: string): string | undefined {
  const hex = text.replace(/^a-/, "").replaceAll("-", "").toLowerCase();
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return isUuid(id) ? id : undefined;
}

/** Loads one assessment of a trace. Throws not_found. */
export async function getAssessmentInWorkspace(
  tx: Transaction,
  ctx: Context,
  ids: { traceId: string; assessmentId: string },
  options: { lock?: boolean } = {},
) {
  const id = parseAssessmentId(ids.assessmentId);
  const query = tx
    .select()
    .from(traceAssessments)
    .where(
      and(
        eq(traceAssessments.workspaceId, ctx.workspaceId),
        eq(traceAssessments.traceId, ids.traceId.replaceAll("\0", "")),
        id ? eq(traceAssessments.id, id) : undefined,
      ),
    )
    .limit(1);
  const [row] = id ? await (options.lock ? query.for("no key update") : query) : [];
  if (row) return row;
  throw new AppError(
    "not_found",
    `Assessment with ID '${ids.assessmentId}' not found for trace '${ids.traceId}'`,
  );
}

/** Says whether feedback that another overrides still counts: not while the other is there. */
export async function setOverridden(
  tx: Transaction,
  ctx: Context,
  by: { traceId: string; body: unknown },
  isValid: boolean,
): Promise<void> {
  const { overrides } = by.body as { overrides?: unknown };
  const id = typeof overrides === "string" ? parseAssessmentId(overrides) : undefined;
  if (!id) return;
  await tx
    .update(traceAssessments)
    .set({
      body: sql`${traceAssessments.body} || jsonb_build_object('valid', ${isValid}::boolean)`,
    })
    .where(
      and(
        eq(traceAssessments.workspaceId, ctx.workspaceId),
        eq(traceAssessments.traceId, by.traceId),
        eq(traceAssessments.id, id),
      ),
    );
}
