import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { lockDeployment } from "../internal";
import { setScale } from "./set-scale";

interface LoadDecision {
  deploymentId: string;
  /** Replicas that were decided from; where these changed meanwhile, nothing is done. */
  from: number;
  replicas: number;
  reason: string;
}

/**
 * Sets the replicas that the measured load wants. Answers whether it did: not where somebody scaled,
 * woke or deleted the deployment since it was looked at.
 */
export async function scaleByLoad(
  ctx: Context,
  { deploymentId, from, replicas, reason }: LoadDecision,
): Promise<boolean> {
  requirePermission(ctx, "deployments:write");
  return withWorkspace(ctx, async (tx) => {
    const deployment = await lockDeployment(tx, ctx, deploymentId);
    if (!deployment || deployment.deletedAt || deployment.scaledReplicas !== from) return false;
    await setScale(tx, ctx, deployment, { replicas, reason });
    return true;
  });
}
