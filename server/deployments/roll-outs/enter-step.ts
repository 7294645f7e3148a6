import type { Transaction } from "@/db/client";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import type { VariantRow } from "../internal";
import {
  activeVersions,
  moveTraffic,
  recordTrafficEvent,
  touchDeployment,
} from "../traffic/move-traffic";
import { shareWeights } from "../traffic/share-weights";
import { type RollOutRow, setRollOut } from "./internal";

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
    message: isShadow
      ? `Version ${rollOut.versionNumber} gets copies of the requests.`
      : `Version ${rollOut.versionNumber} takes ${step.weight}% of the traffic.`,
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
