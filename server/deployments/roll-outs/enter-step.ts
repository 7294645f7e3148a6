import type { Transaction } from "@/db/client";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { getDeploymentInWorkspace, replicasToLoad, type VariantRow } from "../internal";
import { replicasOf } from "../replicas-of";
import {
  activeVersions,
  moveTraffic,
  recordTrafficEvent,
  touchDeployment,
} from "../traffic/move-traffic";
import { shareWeights } from "../traffic/share-weights";
import { type RollOutRow, setRollOut } from "./internal";
import { movesReplicas } from "./moves-replicas";
import type { PlanStep } from "./plan";

/** Gives a roll-out's candidate the weight of a step and begins its bake time. */
export async function enterStep(
  tx: Transaction,
  ctx: Context,
  rollOut: RollOutRow,
  variants: VariantRow[],
  index: number,
  comment?: string,
): Promise<void> {
  const step = rollOut.plan.steps[index];
  if (!step) throw new Error(`The plan has no step ${index}.`);
  const isShadow = rollOut.strategy === "shadow";
  const shares = shareWeights(rollOut.baseline, rollOut.candidateId, step.weight);
  await moveTraffic(tx, ctx, variants, {
    shares,
    roles: { [rollOut.candidateId]: isShadow ? "shadow" : "candidate" },
    replicaShares: movesReplicas(ctx, rollOut, variants) ? replicaShares(rollOut, step) : {},
  });
  await setRollOut(tx, ctx, rollOut.id, {
    state: "progressing",
    step: index,
    baseline: rollOut.baseline,
    stableId: rollOut.stableId,
    stepStartedAt: ctx.now(),
    dueAt: new Date(ctx.now().getTime() + step.bakeSeconds * 1000),
    remainingMs: null,
    reason: null,
    startedAt: rollOut.startedAt ?? ctx.now(),
  });
  await touchDeployment(tx, ctx, rollOut.deploymentId, { status: "deploying", error: null });
  await recordTrafficEvent(tx, ctx, {
    deploymentId: rollOut.deploymentId,
    kind: "step",
    versionId: rollOut.versionId,
    message: await inWords(tx, ctx, rollOut, variants, step),
    comment,
  });
  await recordAudit(tx, ctx, {
    action: "deployment.rollout_step",
    subjectType: "deployment",
    subjectId: rollOut.deploymentId,
    before: activeVersions(variants),
    after: { rollOutId: rollOut.id, step: index, weight: step.weight },
  });
}

/** Each side has as many of the replicas as it has of the traffic. */
const replicaShares = (rollOut: RollOutRow, { weight }: PlanStep): Record<string, number> =>
  Object.fromEntries([
    ...rollOut.baseline.map((one) => [one.variantId, Math.max(1, 100 - weight)] as const),
    [rollOut.candidateId, weight] as const,
  ]);

async function inWords(
  tx: Transaction,
  ctx: Context,
  rollOut: RollOutRow,
  variants: VariantRow[],
  { weight }: PlanStep,
): Promise<string> {
  const version = `Version ${rollOut.versionNumber}`;
  if (rollOut.strategy === "shadow") return `${version} gets copies of the requests.`;
  const taken = `${version} takes ${weight}% of the traffic`;
  if (rollOut.strategy !== "rolling") return `${taken}.`;
  if (!movesReplicas(ctx, rollOut, variants)) {
    return `${taken}. Replicas stay as they are: nothing here starts or ends nodes.`;
  }
  const wanted = replicasToLoad(await getDeploymentInWorkspace(tx, ctx, rollOut.deploymentId));
  return `${taken}, on ${replicasOf(wanted, weight)} of ${wanted} replicas.`;
}
