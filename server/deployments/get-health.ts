import { sql } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { DeploymentStatus } from "./constants";
import { getDeploymentInWorkspace, mainVariant, variantsOf, wantedReplicas } from "./internal";
import { settingsOf } from "./load-version";
import { replicasOf } from "./replicas-of";
import { deploymentParams, type HealthDto } from "./schemas";

const RECENT_MINUTES = 5;

/** Whether a deployment can answer: its nodes, replicas, last error and recent errors. */
export async function getDeploymentHealth(
  ctx: Context,
  input: { deployment: string },
): Promise<HealthDto> {
  requirePermission(ctx, "deployments:read");
  const { deployment: ref } = deploymentParams.parse(input);
  const { deployment, active, recent } = await withWorkspace(ctx, async (tx) => {
    const row = await getDeploymentInWorkspace(tx, ctx, ref);
    const variants = await variantsOf(tx, ctx, [row.id], "relevant");
    const since = new Date(ctx.now().getTime() - RECENT_MINUTES * 60_000);
    const { rows } = await tx.execute<{ requests: number; errors: number }>(sql`
      select coalesce(sum(requests), 0)::int as requests,
        coalesce(sum(requests) filter (where status_class = 5), 0)::int as errors
      from prediction_counts where workspace_id = ${ctx.workspaceId} and deployment_id = ${row.id}
        and seconds = 10 and at >= ${since.toISOString()}::timestamptz`);
    return {
      deployment: row,
      active: mainVariant(variants),
      recent: rows[0] ?? { requests: 0, errors: 0 },
    };
  });
  const { workspaceId, ports } = ctx;
  const { nodeSelector: selector } = settingsOf(deployment).placement;
  const [nodes, pods] = await Promise.all([
    (active && ports.nodes?.inspect({ workspaceId, versionId: active.versionId, selector })) ?? [],
    ports.pods?.podsOf({ workspaceId, deploymentId: deployment.id }) ?? null,
  ]);
  const ready = nodes.filter((node) => node.loaded).length;
  const { minReplicas, maxReplicas, scaledReplicas, status, error } = deployment;
  const share = active?.replicaShare ?? null;
  const asked = replicasOf(scaledReplicas ?? minReplicas, share);
  const wanted = Math.min(asked, Math.max(nodes.length, 1));
  return {
    status: status as DeploymentStatus,
    health: scaledReplicas === 0 ? "idle" : healthOf(ready, wanted),
    replicas: { min: minReplicas, max: maxReplicas, wanted: wantedReplicas(deployment), ready },
    nodes,
    pods,
    lastError: error,
    recent: {
      minutes: RECENT_MINUTES,
      ...recent,
      errorRate: recent.requests > 0 ? recent.errors / recent.requests : 0,
    },
    checkedAt: ctx.now().toISOString(),
  };
}

const healthOf = (ready: number, wanted: number): HealthDto["health"] =>
  ready >= wanted ? "healthy" : ready > 0 ? "degraded" : "unhealthy";
