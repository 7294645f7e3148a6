import {
  advanceRollOut,
  beginRollOut,
  deployVersion,
  getDeployment,
  loadVersion,
} from "@/server/deployments";
import { latencyBucket } from "@/server/deployments/metrics/latency-histogram";
import type { PlanInput } from "@/server/deployments/roll-outs/plan";
import type { DeploymentDetailDto } from "@/server/deployments/schemas";
import type { Context } from "@/server/kernel/context";
import { asOwner } from "../../support/database";
import type { TestWorkspace, TestWorld } from "../../support/workspace";
import {
  addVersion,
  type DeployedWorld,
  deployModel,
  slopeModel,
  waitingVariant,
} from "./deployed-world";

type Strategy = "direct" | "rolling" | "blue_green" | "canary" | "shadow";

export interface UnderWay {
  deploymentId: string;
  modelId: string;
  rollOutId: string;
  /** The variants' ids. */
  stable: string;
  candidate: string;
  ref: { deploymentId: string; variantId: string };
}

/** Asks for version `slope` of a deployed model and loads it; no traffic moved yet. */
export async function requestNext(
  world: TestWorld,
  workspace: TestWorkspace,
  made: { deploymentId: string; modelId: string },
  slope: number,
  ask: { strategy?: Strategy; plan?: PlanInput } = {},
): Promise<UnderWay> {
  const ctx = workspace.as("admin");
  const before = await getDeployment(ctx, { deployment: made.deploymentId });
  const versionId = await addVersion(ctx, made.modelId, slopeModel(slope));
  const { rollOutId } = await deployVersion(ctx, {
    model: made.modelId,
    versionId,
    name: before.name,
    environment: before.environment,
    ...ask,
  });
  const candidate = await waitingVariant(world, made.deploymentId);
  const ref = { deploymentId: made.deploymentId, variantId: candidate };
  await beginRollOut(workspace.job(), ref);
  await loadVersion(workspace.job(), ref);
  const stable = before.activeVersion?.id ?? "";
  const { deploymentId, modelId } = made;
  return { deploymentId, modelId, rollOutId: rollOutId ?? "", stable, candidate, ref };
}

/** A deployment with version 1 at all traffic, and version 2 with the first traffic of its strategy. */
export async function startRollOut(
  world: DeployedWorld,
  workspace: TestWorkspace,
  name: string,
  strategy: Strategy,
  plan: PlanInput = {},
): Promise<UnderWay> {
  const made = await deployModel(world, workspace, name);
  const underWay = await requestNext(world, workspace, made, 2, { strategy, plan });
  await advanceRollOut(workspace.job(), underWay.ref);
  return underWay;
}

/** The same context some seconds later. */
export const later = (ctx: Context, seconds: number): Context => ({
  ...ctx,
  now: () => new Date(Date.now() + seconds * 1000),
});

/** Writes counts of one ten-second slot as the gateway does; `at` is seconds from now. */
export async function count(
  world: DeployedWorld,
  workspaceId: string,
  counted: {
    deploymentId: string;
    variantId: string;
    at: number;
    ok: number;
    errors?: number;
    latencyMs?: number;
  },
): Promise<void> {
  const at = Math.floor((Date.now() / 1000 + counted.at) / 10) * 10;
  const bucket = latencyBucket((counted.latencyMs ?? 5) * 1000);
  for (const [statusClass, requests] of [
    [2, counted.ok],
    [5, counted.errors ?? 0],
  ] as const) {
    if (requests === 0) continue;
    await asOwner(
      world.db.ownerUrl,
      `insert into prediction_counts (workspace_id, deployment_id, seconds, at, variant_id, status_class, writer,
         requests, rows, cache_hits, latency_us_sum, queue_us_sum, compute_us_sum, latency_buckets, latency_counts)
       values ($1, $2, 10, to_timestamp($3), $4, $5, gen_random_uuid(), $6, $6, 0, 0, 0, 0, $7, $8)`,
      [
        workspaceId,
        counted.deploymentId,
        at,
        counted.variantId,
        statusClass,
        requests,
        [bucket],
        [requests],
      ],
    );
  }
}

/** Active variants as `v2 25 candidate`, by version. */
export const traffic = (deployment: DeploymentDetailDto): string[] =>
  deployment.variants
    .filter((one) => one.status === "active")
    .sort((a, b) => a.versionNumber - b.versionNumber)
    .map((one) => `v${one.versionNumber} ${one.weight} ${one.role}`);
