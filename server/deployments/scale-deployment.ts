import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { deployments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getDeployment } from "./get-deployment";
import { getDeploymentInWorkspace, requireDeployGrant } from "./internal";
import { announceRouting, recordEvent } from "./record-event";
import { type DeploymentDetailDto, scaleInput } from "./schemas";

/**
 * Sets how many nodes hold a deployment's versions. The nodes follow within seconds: new replicas
 * answer once they are loaded, and none is given up while another has to take its requests.
 * Throws not_found, forbidden.
 */
export async function scaleDeployment(
  ctx: Context,
  input: z.input<typeof scaleInput>,
): Promise<DeploymentDetailDto> {
  requirePermission(ctx, "deployments:write");
  const { deployment: ref, replicas } = scaleInput.parse(input);
  const id = await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, ref, true);
    await requireDeployGrant(tx, ctx, deployment);
    const before = { minReplicas: deployment.minReplicas, maxReplicas: deployment.maxReplicas };
    if (before.minReplicas === replicas && before.maxReplicas === replicas) return deployment.id;
    const after = { minReplicas: replicas, maxReplicas: replicas };
    await tx
      .update(deployments)
      .set({ ...after, updatedAt: ctx.now() })
      .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, deployment.id)));
    await recordEvent(tx, ctx, {
      deploymentId: deployment.id,
      kind: "scaled",
      versionId: null,
      message: `Replicas: ${before.maxReplicas} became ${replicas}.`,
    });
    await recordAudit(tx, ctx, {
      action: "deployment.scaled",
      subjectType: "deployment",
      subjectId: deployment.id,
      before,
      after,
    });
    await announceRouting(tx, ctx);
    await announceChange(tx, ctx, "deployments", deployment.id);
    return deployment.id;
  });
  return getDeployment(ctx, { deployment: id });
}
