import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { traceAssessments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { refuseRunKey } from "../internal";
import { setOverridden } from "./assessments";
import { getTraceInWorkspace, toAssessmentDto } from "./internal";
import { type AssessmentDto, assessmentBody, assessmentName } from "./schemas";

const createInput = z.object({
  traceId: z.string(),
  name: assessmentName,
  body: assessmentBody,
});

/** Keeps what somebody says of a trace. Throws not_found for the trace. */
export async function createAssessment(
  ctx: Context,
  input: z.input<typeof createInput>,
): Promise<AssessmentDto> {
  requirePermission(ctx, "experiments:write");
  refuseRunKey(ctx);
  const { traceId, name, body } = createInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const trace = await getTraceInWorkspace(tx, ctx, traceId);
    const row = {
      workspaceId: ctx.workspaceId,
      id: newId(ctx.now().getTime()),
      traceId: trace.id,
      name,
      body,
      createdAt: ctx.now(),
      updatedAt: ctx.now(),
    };
    await tx.insert(traceAssessments).values(row);
    await setOverridden(tx, ctx, row, false);
    await recordAudit(tx, ctx, {
      action: "assessment.created",
      subjectType: "assessment",
      subjectId: row.id,
      after: { traceId: trace.id },
    });
    await announceChange(tx, ctx, "experiments", trace.experimentId);
    return toAssessmentDto(row);
  });
}
