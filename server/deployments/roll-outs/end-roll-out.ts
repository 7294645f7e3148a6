import type { Transaction } from "@/db/client";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import type { RollOutState } from "../constants";
import type { DeploymentRow, VariantRow } from "../internal";
import { recordEvent } from "../record-event";
import {
  activeVersions,
  moveTraffic,
  recordTrafficEvent,
  setVariant,
  touchDeployment,
} from "../traffic/move-traffic";
import { hasTraffic, type RollOutRow, setRollOut } from "./internal";

export interface Ending {
  deployment: DeploymentRow;
  rollOut: RollOutRow;
  variants: VariantRow[];
  reason: string;
  comment?: string | undefined;
}

/** Gives the candidate all traffic and retires the rest: a roll-out's good end. */
export async function promote(tx: Transaction, ctx: Context, ending: Ending): Promise<void> {
  const { deployment, rollOut, variants, reason, comment } = ending;
  await moveTraffic(tx, ctx, variants, {
    shares: [{ variantId: rollOut.candidateId, weight: 100 }],
    accepted: [rollOut.candidateId],
  });
  await finish(tx, ctx, rollOut, "promoted", reason);
  await touchDeployment(tx, ctx, deployment.id, { status: "active", error: null });
  await recordTrafficEvent(tx, ctx, {
    deploymentId: deployment.id,
    kind: "activated",
    versionId: rollOut.versionId,
    message: `Version ${rollOut.versionNumber} takes all traffic.`,
    comment,
  });
  await recordAudit(tx, ctx, {
    action: "deployment.activated",
    subjectType: "deployment",
    subjectId: deployment.id,
    before: activeVersions(variants),
    after: [{ versionId: rollOut.versionId, weight: 100 }],
  });
}

/** Gives the traffic back to what had it before the roll-out, and ends it. */
export async function takeBack(
  tx: Transaction,
  ctx: Context,
  ending: Ending & { state: "rolled_back" | "aborted" },
): Promise<void> {
  const { deployment, rollOut, variants, reason, comment, state } = ending;
  const hadTraffic = hasTraffic(rollOut);
  if (hadTraffic) await moveTraffic(tx, ctx, variants, { shares: rollOut.baseline });
  else await setVariant(tx, ctx, rollOut.candidateId, retired(ctx));
  await finish(tx, ctx, rollOut, state, reason);
  const isServing = variants.some((one) => one.status === "active");
  await touchDeployment(tx, ctx, deployment.id, {
    status: isServing ? "active" : "pending",
    error: state === "rolled_back" ? `Version ${rollOut.versionNumber}: ${reason}` : null,
  });
  const record = hadTraffic ? recordTrafficEvent : recordEvent;
  await record(tx, ctx, {
    deploymentId: deployment.id,
    kind: state,
    versionId: rollOut.versionId,
    message:
      state === "aborted"
        ? `The roll-out of version ${rollOut.versionNumber} was cancelled.`
        : `Version ${rollOut.versionNumber} was taken back: ${reason}`,
    comment,
  });
  await recordAudit(tx, ctx, {
    action: `deployment.rollout_${state}`,
    subjectType: "deployment",
    subjectId: deployment.id,
    before: activeVersions(variants),
    after: { rollOutId: rollOut.id, versionId: rollOut.versionId, reason },
  });
}

/**
 * Ends a roll-out that lost its turn. Its traffic is not moved here: whoever supersedes it does that
 * in the same transaction.
 */
export async function supersede(tx: Transaction, ctx: Context, rollOut: RollOutRow): Promise<void> {
  await setVariant(tx, ctx, rollOut.candidateId, retired(ctx));
  await finish(tx, ctx, rollOut, "superseded", "A newer roll-out took its place.");
  await recordEvent(tx, ctx, {
    deploymentId: rollOut.deploymentId,
    kind: "superseded",
    versionId: rollOut.versionId,
    message: `Version ${rollOut.versionNumber} lost its turn.`,
    once: rollOut.candidateId,
  });
  await recordAudit(tx, ctx, {
    action: "deployment.rollout_superseded",
    subjectType: "deployment",
    subjectId: rollOut.deploymentId,
    after: { rollOutId: rollOut.id, versionId: rollOut.versionId },
  });
}

const retired = (ctx: Context) => ({
  status: "retired",
  role: "stable",
  weight: 0,
  retiredAt: ctx.now(),
});

export const finish = (
  tx: Transaction,
  ctx: Context,
  rollOut: RollOutRow,
  state: RollOutState,
  reason: string,
): Promise<void> =>
  setRollOut(tx, ctx, rollOut.id, {
    state,
    reason,
    dueAt: null,
    remainingMs: null,
    finishedAt: ctx.now(),
  });
