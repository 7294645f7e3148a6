import { and, eq, inArray, isNull } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { deployments, deploymentVariants } from "@/db/schema";
import type { Context } from "@/server/kernel/context";

/** Deployments of which one of the versions takes traffic or copies of it, or is about to, by name. */
export function servingVersions(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  versionIds: readonly string[],
) {
  return tx
    .selectDistinct({
      versionId: deploymentVariants.versionId,
      id: deployments.id,
      name: deployments.name,
      environment: deployments.environment,
    })
    .from(deploymentVariants)
    .innerJoin(
      deployments,
      and(
        eq(deployments.workspaceId, deploymentVariants.workspaceId),
        eq(deployments.id, deploymentVariants.deploymentId),
      ),
    )
    .where(
      and(
        eq(deploymentVariants.workspaceId, ctx.workspaceId),
        inArray(deploymentVariants.versionId, [...versionIds]),
        inArray(deploymentVariants.status, ["active", "loading"]),
        isNull(deployments.deletedAt),
      ),
    )
    .orderBy(deployments.name);
}
