import { sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getDeploymentInWorkspace, wantedReplicas } from "../internal";
import { deploymentSettings } from "../settings/settings";
import { type ScalingDto, scalingInput } from "./schemas";

/** Points of a series at most; longer ranges have wider slots. */
const POINTS_MAX = 360;
/** Length of the slots that points are kept in, seconds. */
const SLOT_SECONDS = 10;

interface Row extends Record<string, unknown> {
  at: string;
  wanted: number;
  ready: number;
  concurrency: number;
  rps: number;
}

/** How many replicas a deployment has, wants and why, over time. Throws not_found. */
export async function getDeploymentScaling(
  ctx: Context,
  input: z.input<typeof scalingInput>,
): Promise<ScalingDto> {
  requirePermission(ctx, "deployments:read");
  const { deployment: ref, rangeMinutes } = scalingInput.parse(input);
  const slots = (rangeMinutes * 60) / SLOT_SECONDS / POINTS_MAX;
  const bucketSeconds = SLOT_SECONDS * Math.max(1, Math.ceil(slots));
  return withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, ref);
    const of = sql`workspace_id = ${ctx.workspaceId} and deployment_id = ${deployment.id}`;
    const { rows } = await tx.execute<Row>(sql`
      select date_bin(make_interval(secs => ${bucketSeconds}), at, 'epoch') as at, max(wanted) as wanted, min(ready) as ready,
        avg(concurrency)::float8 as concurrency, avg(requests_per_second)::float8 as rps
      from deployment_scale_points
      where ${of} and at > now() - make_interval(mins => ${rangeMinutes})
      group by 1 order by 1`);
    const { rows: scales } = await tx.execute<{ at: string | null }>(
      sql`select last_request_at as at from deployment_scales where ${of}`,
    );
    const parsed = deploymentSettings.safeParse(deployment.settings).data;
    const { scaling } = parsed ?? deploymentSettings.parse({});
    const last = scales[0]?.at;
    return {
      isAutoscaled: deployment.scaledReplicas !== null,
      wanted: wantedReplicas(deployment),
      min: deployment.minReplicas,
      max: deployment.maxReplicas,
      metric: scaling.metric,
      target: scaling.target,
      lastRequestAt: last ? new Date(last).toISOString() : null,
      bucketSeconds,
      series: rows.map(({ at, wanted, ready, concurrency, rps }) => ({
        at: new Date(at).toISOString(),
        wanted,
        ready,
        concurrency,
        requestsPerSecond: rps,
      })),
    };
  });
}
