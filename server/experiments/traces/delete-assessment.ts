import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { traceAssessments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { getAssessmentInWorkspace, setOverridden } from "./assessments";
import { getTraceInWorkspace } from "./internal";

/** Takes back what is said of a trace. Throws not_found. */
export async function deleteAssessment(
  ctx: Context,
  input: { traceId: string; assessmentId: string },
): Promise<void> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  await withWorkspace(ctx, async (tx) => {
    const trace = await getTraceInWorkspace(tx, ctx, input.traceId);
    const row = await getAssessmentInWorkspace(tx, ctx, input, { lock: true });
    await tx
      .delete(traceAssessments)
      .where(
        and(eq(traceAssessments.workspaceId, ctx.workspaceId), eq(traceAssessments.id, row.id)),
      );
    await setOverridden(tx, ctx, row, true);
    await recordAudit(tx, ctx, {
      action: "assessment.deleted",
      subjectType: "assessment",
      subjectId: row.id,
      before: { traceId: trace.id },
    });
    await announceChange(tx, ctx, "experiments", trace.experimentId);
  });
}
