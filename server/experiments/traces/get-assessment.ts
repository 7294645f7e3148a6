import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { refuseRunKey } from "../internal";
import { getAssessmentInWorkspace } from "./assessments";
import { toAssessmentDto } from "./internal";
import type { AssessmentDto } from "./schemas";

/** One assessment of a trace. Throws not_found. */
export async function getAssessment(
  ctx: Context,
  input: { traceId: string; assessmentId: string },
): Promise<AssessmentDto> {
  requirePermission(ctx, "experiments:read");
  refuseRunKey(ctx);
  return withWorkspace(ctx, async (tx) =>
    toAssessmentDto(await getAssessmentInWorkspace(tx, ctx, input)),
  );
}
