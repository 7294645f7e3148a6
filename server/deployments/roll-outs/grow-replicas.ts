import { setTimeout as sleep } from "node:timers/promises";
import type { Transaction } from "@/db/client";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import type { NodeModel } from "@/server/kernel/ports";
import { type DeploymentRow, replicasToLoad, type VariantRow, variantsOf } from "../internal";
import { placedModelOf } from "../load-version";
import { announceRouting, recordEvent } from "../record-event";
import { replicasOf } from "../replicas-of";
import { setVariant, touchDeployment } from "../traffic/move-traffic";
import { preload } from "../traffic/preload";
import { type RollOutRow, setRollOut } from "./internal";
import { candidateShare } from "./moves-replicas";

/** How long a step waits for replicas of the new version before a person has to look, milliseconds. */
export const REPLICAS_PATIENCE_MS = 600_000;

/** How long one look waits for nodes that load it, milliseconds; the next one goes on. */
const LOAD_MS = 10_000;

/** Where a roll-out that moves replica by replica stands. */
export interface ReplicaMove {
  deployment: DeploymentRow;
  /** Percent of the replicas the candidate was given. */
  share: number;
  /** Whether that is more than its traffic, which waits for them. */
  isGrowing: boolean;
  candidate: NodeModel | null;
  stable: NodeModel | null;
}

/** What loading ahead of the traffic needs; null where replicas stay as they are. */
export async function readReplicaMove(
  tx: Transaction,
  ctx: Context,
  deployment: DeploymentRow,
  rollOut: RollOutRow,
): Promise<ReplicaMove | null> {
  if (rollOut.strategy !== "rolling") return null;
  const variants = await variantsOf(tx, ctx, [deployment.id], "relevant");
  const share = candidateShare(rollOut, variants);
  if (share === null) return null;
  const stable = variants.find((one) => one.id === rollOut.stableId);
  return {
    deployment,
    share,
    isGrowing: share > (rollOut.plan.steps[rollOut.step]?.weight ?? 0),
    candidate: await placedModelOf(tx, ctx, deployment, rollOut.versionId, stable?.versionId),
    stable: stable ? await placedModelOf(tx, ctx, deployment, stable.versionId) : null,
  };
}

/** Loads the candidate on the replicas it was given. Answers what is missing in words, else null. */
export async function loadGrown(ctx: Context, move: ReplicaMove): Promise<string | null> {
  const { nodes } = ctx.ports;
  const { candidate, stable, share, deployment } = move;
  // What runs on a server elsewhere has no replicas here.
  if (!nodes || !candidate || candidate.remote) return null;
  const wanted = replicasOf(replicasToLoad(deployment), share);
  const loading = nodes.load(candidate, wanted).catch(() => 0);
  const ready = await Promise.race([loading, sleep(LOAD_MS, 0, { ref: false })]);
  if (ready >= wanted) return null;
  // There may be fewer nodes than replicas were asked for; those that serve it now are known to fit.
  const states = await Promise.all([candidate, stable].map((one) => one && nodes.inspect(one)));
  const holding = states.flatMap((list) => list ?? []).filter((one) => one.loaded);
  const needed = Math.min(wanted, new Set(holding.map((one) => one.node)).size);
  return ready >= needed ? null : `It is on ${ready} of ${needed} replicas`;
}

/** Puts what is to take the traffic back on all its replicas, before it does. */
export const restoreStable = async (ctx: Context, move: ReplicaMove): Promise<void> => {
  const { stable, deployment } = move;
  // Nodes that cannot load it now must not keep the traffic from it.
  if (stable) await preload(ctx, stable, replicasToLoad(deployment)).catch(() => undefined);
};

interface Growth {
  deployment: DeploymentRow;
  rollOut: RollOutRow;
  variants: readonly VariantRow[];
  /** Percent of the replicas the candidate gets next. */
  share: number;
}

/**
 * Gives a candidate the replicas of its next step, before the traffic: those of the stable variants
 * stay until then, but for the ones the plan allows to be missing meanwhile.
 */
export async function growReplicas(
  tx: Transaction,
  ctx: Context,
  { deployment, rollOut, variants, share }: Growth,
): Promise<void> {
  const wanted = replicasToLoad(deployment);
  const weight = rollOut.plan.steps[rollOut.step]?.weight ?? 0;
  const early = Math.round(((rollOut.plan.replicas?.maxUnavailable ?? 0) * 100) / wanted);
  const kept = Math.max(100 - share, 100 - weight - early);
  await setVariant(tx, ctx, rollOut.candidateId, { replicaShare: share });
  for (const one of variants) {
    const isStable = one.status === "active" && one.id !== rollOut.candidateId;
    if (isStable) await setVariant(tx, ctx, one.id, { replicaShare: Math.max(1, kept) });
  }
  // The wait for replicas is counted from here.
  await setRollOut(tx, ctx, rollOut.id, { dueAt: ctx.now() });
  await touchDeployment(tx, ctx, deployment.id);
  await recordEvent(tx, ctx, {
    deploymentId: deployment.id,
    kind: "scaled",
    versionId: rollOut.versionId,
    message: `Version ${rollOut.versionNumber} gets ${replicasOf(wanted, share)} of ${wanted} replicas, then its share of the traffic.`,
  });
  await recordAudit(tx, ctx, {
    action: "deployment.rollout_replicas",
    subjectType: "deployment",
    subjectId: deployment.id,
    after: { rollOutId: rollOut.id, candidatePercent: share, stablePercent: kept },
  });
  await announceRouting(tx, ctx);
}
