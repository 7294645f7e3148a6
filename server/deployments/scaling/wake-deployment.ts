import { sql } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { lockDeployment } from "../internal";
import { setScale } from "./set-scale";

/**
 * Gives an idle deployment a replica again, because a request waits for it. Repeating it changes
 * nothing. Throws not_found when it was deleted meanwhile.
 */
export async function wakeDeployment(
  ctx: Context,
  { deploymentId }: { deploymentId: string },
): Promise<void> {
  requirePermission(ctx, "deployments:write");
  await withWorkspace(ctx, async (tx) => {
    const deployment = await lockDeployment(tx, ctx, deploymentId);
    if (!deployment || deployment.deletedAt) throw notFound("The deployment");
    // The decider must not take an idle deployment for one that had no request for long.
    await tx.execute(sql`
      insert into deployment_scales (workspace_id, deployment_id, last_request_at)
      values (${ctx.workspaceId}, ${deploymentId}, clock_timestamp())
      on conflict (workspace_id, deployment_id) do update set last_request_at = excluded.last_request_at`);
    if (deployment.scaledReplicas !== 0) return;
    const replicas = Math.max(1, deployment.minReplicas);
    await setScale(tx, ctx, deployment, { replicas, reason: "A request woke it." });
  });
}
