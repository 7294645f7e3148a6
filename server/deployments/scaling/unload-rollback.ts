import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getDeploymentInWorkspace, rollbackTarget, variantsOf } from "../internal";
import { nodesOf } from "../load-version";

/**
 * Takes the version that a rollback of an idle deployment would bring back off the nodes; a rollback
 * loads it again. Writes nothing of ours, so repeating it is harmless. Where another deployment
 * serves the version, its gateways load it again at once.
 */
export async function unloadRollback(ctx: Context, deploymentId: string): Promise<void> {
  requirePermission(ctx, "deployments:write");
  const target = await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, deploymentId);
    return rollbackTarget(await variantsOf(tx, ctx, [deployment.id], "relevant"));
  });
  if (!target) return;
  await nodesOf(ctx).unload({ workspaceId: ctx.workspaceId, versionId: target.versionId });
}
