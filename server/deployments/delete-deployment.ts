import { and, eq, inArray } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { deployments, deploymentVariants } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { DEPLOYMENT_DELETED } from "./constants";
import { getDeploymentInWorkspace, requireDeployGrant, variantsOf } from "./internal";
import { announceRouting, recordEvent } from "./record-event";
import { finish } from "./roll-outs/end-roll-out";
import { rollOutsWhere } from "./roll-outs/internal";
import { deploymentParams } from "./schemas";
import { activeVersions } from "./traffic/move-traffic";

/**
 * Takes a deployment out of traffic at once; requests in flight are answered, its versions are
 * unloaded in the background. Its history stays, its name is free again.
 */
export async function deleteDeployment(ctx: Context, input: { deployment: string }): Promise<void> {
  requirePermission(ctx, "deployments:write");
  const { deployment: ref } = deploymentParams.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, ref, true);
    await requireDeployGrant(tx, ctx, deployment);
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    await tx
      .update(deployments)
      .set({ status: "inactive", deletedAt: ctx.now(), updatedAt: ctx.now() })
      .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, deployment.id)));
    const open = await rollOutsWhere(tx, ctx, { deploymentIds: [deployment.id], open: true });
    for (const rollOut of open) {
      await finish(tx, ctx, rollOut, "aborted", "The deployment was deleted.");
    }
    await tx
      .update(deploymentVariants)
      .set({ status: "retired", weight: 0, retiredAt: ctx.now() })
      .where(
        and(
          eq(deploymentVariants.workspaceId, ctx.workspaceId),
          eq(deploymentVariants.deploymentId, deployment.id),
          inArray(deploymentVariants.status, ["active", "loading"]),
        ),
      );
    await recordEvent(tx, ctx, {
      deploymentId: deployment.id,
      kind: "deleted",
      versionId: null,
      message: "The deployment was deleted.",
    });
    await recordAudit(tx, ctx, {
      action: "deployment.deleted",
      subjectType: "deployment",
      subjectId: deployment.id,
      before: { name: deployment.name, variants: activeVersions(variants) },
    });
    await emitEvent(tx, ctx, {
      name: DEPLOYMENT_DELETED,
      data: { deploymentId: deployment.id },
    });
    await announceRouting(tx, ctx);
    await announceChange(tx, ctx, "deployments", deployment.id);
  });
}
