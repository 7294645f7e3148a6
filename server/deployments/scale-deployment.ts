import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { deployments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getDeployment } from "./get-deployment";
import { getDeploymentInWorkspace, requireDeployGrant, wantedReplicas } from "./internal";
import { announceRouting, recordEvent } from "./record-event";
import { type DeploymentDetailDto, scaleInput } from "./schemas";
import { mergePatch } from "./settings/merge-patch";

/**
 * Sets by hand how many nodes hold a deployment's versions; one that scaled by itself does so no
 * more. The nodes follow within seconds: new replicas answer once they are loaded, and none is given
 * up while another has to take its requests. Throws not_found, forbidden.
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
    const { minReplicas, maxReplicas, scaledReplicas, settings } = deployment;
    const wasAutomatic = scaledReplicas !== null;
    const before = { minReplicas, maxReplicas, isAutoscaled: wasAutomatic };
    const after = { minReplicas: replicas, maxReplicas: replicas, isAutoscaled: false };
    const isSame = minReplicas === replicas && maxReplicas === replicas && !wasAutomatic;
    if (isSame) return deployment.id;
    await tx
      .update(deployments)
      .set({
        minReplicas: replicas,
        maxReplicas: replicas,
        scaledReplicas: null,
        settings: wasAutomatic ? mergePatch(settings, { scaling: { isEnabled: null } }) : settings,
        updatedAt: ctx.now(),
      })
      .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, deployment.id)));
    const inWords = `Replicas: ${wantedReplicas(deployment)} became ${replicas}`;
    await recordEvent(tx, ctx, {
      deploymentId: deployment.id,
      kind: "scaled",
      versionId: null,
      message: wasAutomatic ? `${inWords}, by hand: it scales by itself no more.` : `${inWords}.`,
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
