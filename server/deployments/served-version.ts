import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { deployments } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getDeploymentInWorkspace, mainVariant, variantsOf } from "./internal";
import { deploymentSettings } from "./settings/settings";

type Tenant = Pick<Context, "workspaceId">;

/**
 * The version with the largest share of a deployment's traffic. Throws not_found, conflict where
 * nothing answers yet.
 */
export async function servedVersion(
  tx: Transaction,
  ctx: Tenant,
  ref: string,
): Promise<{ deploymentId: string; modelId: string; versionId: string }> {
  const { id, modelId, name } = await getDeploymentInWorkspace(tx, ctx, ref);
  const variant = mainVariant(await variantsOf(tx, ctx, [id], "relevant"));
  if (!variant) throw new AppError("conflict", `The deployment ${name} serves no version.`);
  return { deploymentId: id, modelId, versionId: variant.versionId };
}

/** How work in the background may use a deployment's nodes: behind its live requests. */
export interface BackgroundPlace {
  replicas: number;
  selector: Readonly<Record<string, string>>;
  /** The lowest its queues know; undefined where they know none. */
  priority: number | undefined;
}

/** Also for a deployment that was deleted meanwhile; undefined when there never was one. */
export async function backgroundPlace(
  tx: Transaction,
  ctx: Tenant,
  deploymentId: string,
): Promise<BackgroundPlace | undefined> {
  const [row] = await tx
    .select({ settings: deployments.settings, maxReplicas: deployments.maxReplicas })
    .from(deployments)
    .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, deploymentId)));
  if (!row) return undefined;
  const settings = deploymentSettings.safeParse(row.settings).data ?? deploymentSettings.parse({});
  return {
    replicas: row.maxReplicas,
    selector: settings.placement.nodeSelector,
    priority: settings.batching.priorityLevels || undefined,
  };
}
