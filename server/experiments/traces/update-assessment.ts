import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { traceAssessments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { getAssessmentInWorkspace } from "./assessments";
import { getTraceInWorkspace, toAssessmentDto } from "./internal";
import { type AssessmentDto, assessmentBody, assessmentName } from "./schemas";

const updateInput = z.object({
  traceId: z.string(),
  assessmentId: z.string(),
  name: assessmentName.optional(),
  /** Fields of the message that change; the others stay. */
  changes: assessmentBody,
});

/** Changes what is said of a trace. Throws not_found. */
export async function updateAssessment(
  ctx: Context,
  input: z.input<typeof updateInput>,
): Promise<AssessmentDto> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { name, changes, ...ids } = updateInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const trace = await getTraceInWorkspace(tx, ctx, ids.traceId);
    const before = await getAssessmentInWorkspace(tx, ctx, ids, { lock: true });
    const body = assessmentBody.parse({ ...(before.body as object), ...changes });
    const set = { name: name ?? before.name, body, updatedAt: ctx.now() };
    await tx
      .update(traceAssessments)
      .set(set)
      .where(
        and(eq(traceAssessments.workspaceId, ctx.workspaceId), eq(traceAssessments.id, before.id)),
      );
    await recordAudit(tx, ctx, {
      action: "assessment.updated",
      subjectType: "assessment",
      subjectId: before.id,
      after: { traceId: trace.id, changed: Object.keys(changes) },
    });
    await announceChange(tx, ctx, "experiments", trace.experimentId);
    return toAssessmentDto({ ...before, ...set });
  });
}
