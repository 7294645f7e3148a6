import { type Transaction, withWorkspace } from "@/db/client";
import { rollOutAnalyses } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import type { Reading } from "../analysis/judge";
import {
  type DeploymentRow,
  lockDeployment,
  type RollOut,
  type VariantRow,
  variantsOf,
} from "../internal";
import { recordEvent } from "../record-event";
import { touchDeployment } from "../traffic/move-traffic";
import { type Decision, decide, type Standing } from "./decide";
import { promote, takeBack } from "./end-roll-out";
import { enterStep } from "./enter-step";
import { growReplicas, loadGrown, REPLICAS_PATIENCE_MS, restoreStable } from "./grow-replicas";
import { hasTraffic, isOpen, type RollOutRow, rollOutsWhere, setRollOut } from "./internal";
import { type Look, lookAt } from "./look";
import { candidateShare, movesReplicas } from "./moves-replicas";
import { startTraffic } from "./start-traffic";

export interface Progress {
  /** Nothing is left to do for this roll-out. */
  isOver: boolean;
  /** When to come back, unless something happens before. */
  waitSeconds: number;
}

/** Between two attempts to load a version on more replicas. */
const REPLICAS_WAIT_SECONDS = 2;

const OVER: Progress = { isOver: true, waitSeconds: 0 };
const AGAIN: Progress = { isOver: false, waitSeconds: 1 };

/**
 * Moves a loaded roll-out on by what its plan, its bake time and its analysis say: one transaction,
 * so that whoever dies leaves the traffic of before or of after. Called again and again until it is
 * over; a call too many changes nothing that is not due.
 */
export async function advanceRollOut(ctx: Context, ref: RollOut): Promise<Progress> {
  requirePermission(ctx, "deployments:write");
  const look = await lookAt(ctx, ref);
  if (!look) return OVER;
  const missing = await prepareReplicas(ctx, look);
  return withWorkspace(ctx, async (tx) => {
    const deployment = await lockDeployment(tx, ctx, ref.deploymentId);
    const [rollOut] = await rollOutsWhere(tx, ctx, { variantId: ref.variantId });
    if (!deployment || deployment.deletedAt || !rollOut || !isOpen(rollOut)) return OVER;
    // Somebody changed something while the facts were read: they are judged again.
    if (deployment.revision !== look.revision) return AGAIN;
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    if (!hasTraffic(rollOut)) return startTraffic(tx, ctx, { deployment, rollOut, variants });
    const standing = standingOf(ctx, rollOut, look);
    const decision = decide(rollOut.plan, standing);
    await writeReadings(tx, ctx, rollOut, look, decision);
    const following = { deployment, rollOut, variants, decision };
    const waits = await awaitReplicas(tx, ctx, following, standing.leftMs, missing);
    return waits ?? follow(tx, ctx, following);
  });
}

/** Loads what the next change of traffic needs, outside of any lock; answers what is missing. */
async function prepareReplicas(ctx: Context, { move, readings }: Look): Promise<string | null> {
  if (!move) return null;
  if (readings.some((one) => one.verdict === "fail")) await restoreStable(ctx, move);
  else if (move.isGrowing) return loadGrown(ctx, move);
  return null;
}

/** Where replicas move with the traffic they go first; null once they are there. */
async function awaitReplicas(
  tx: Transaction,
  ctx: Context,
  { deployment, rollOut, variants, decision }: Following,
  leftMs: number,
  missing: string | null,
): Promise<Progress | null> {
  const { action } = decision;
  if (action !== "next" && action !== "promote") return null;
  if (!movesReplicas(ctx, rollOut, variants)) return null;
  const share = action === "next" ? (rollOut.plan.steps[rollOut.step + 1]?.weight ?? 100) : 100;
  if (candidateShare(rollOut, variants) !== share) {
    await growReplicas(tx, ctx, { deployment, rollOut, variants, share });
    return AGAIN;
  }
  if (missing === null) return null;
  if (-leftMs < REPLICAS_PATIENCE_MS) return { isOver: false, waitSeconds: REPLICAS_WAIT_SECONDS };
  const minutes = REPLICAS_PATIENCE_MS / 60_000;
  const reason = `${missing} after ${minutes} minutes. Somebody should look.`;
  await standStill(tx, ctx, rollOut, { action: "pause", reason });
  return AGAIN;
}

function standingOf(ctx: Context, rollOut: RollOutRow, look: Look): Standing {
  const leftMs = rollOut.dueAt ? rollOut.dueAt.getTime() - ctx.now().getTime() : 0;
  const { step, state } = rollOut;
  return { state: state as Standing["state"], step, leftMs, readings: look.readings };
}

interface Following {
  deployment: DeploymentRow;
  rollOut: RollOutRow;
  variants: VariantRow[];
  decision: Decision;
}

async function follow(tx: Transaction, ctx: Context, following: Following): Promise<Progress> {
  const { deployment, rollOut, variants, decision } = following;
  switch (decision.action) {
    case "wait":
      return { isOver: false, waitSeconds: decision.seconds };
    case "next":
      await enterStep(tx, ctx, rollOut, variants, rollOut.step + 1);
      return AGAIN;
    case "promote":
      await promote(tx, ctx, { deployment, rollOut, variants, reason: decision.reason });
      return OVER;
    case "roll_back":
      await takeBack(tx, ctx, {
        deployment,
        rollOut,
        variants,
        reason: decision.reason,
        state: "rolled_back",
      });
      return OVER;
    default:
      await standStill(tx, ctx, rollOut, decision);
      return AGAIN;
  }
}

/** A person is needed: to look, or to say yes. */
async function standStill(
  tx: Transaction,
  ctx: Context,
  rollOut: RollOutRow,
  decision: { action: "await" | "pause"; reason: string },
): Promise<void> {
  const state = decision.action === "await" ? "awaiting_promotion" : "paused";
  await setRollOut(tx, ctx, rollOut.id, {
    state,
    reason: decision.reason,
    dueAt: null,
    remainingMs: 0,
  });
  await touchDeployment(tx, ctx, rollOut.deploymentId);
  await recordEvent(tx, ctx, {
    deploymentId: rollOut.deploymentId,
    kind: state,
    versionId: rollOut.versionId,
    message: decision.reason,
  });
  await recordAudit(tx, ctx, {
    action: `deployment.rollout_${state}`,
    subjectType: "deployment",
    subjectId: rollOut.deploymentId,
    after: { rollOutId: rollOut.id, reason: decision.reason },
  });
}

/** What stands still is watched without a row a minute; only what moves it is written. */
async function writeReadings(
  tx: Transaction,
  ctx: Context,
  rollOut: RollOutRow,
  look: Look,
  decision: Decision,
): Promise<void> {
  if (look.threshold && !rollOut.slowSince) await setRollOut(tx, ctx, rollOut.id, look.threshold);
  const isQuiet = rollOut.state !== "progressing" && decision.action === "wait";
  if (look.readings.length === 0 || isQuiet) return;
  await tx.insert(rollOutAnalyses).values(
    look.readings.map((reading: Reading) => ({
      ...reading,
      workspaceId: ctx.workspaceId,
      id: newId(ctx.now().getTime()),
      rollOutId: rollOut.id,
      look: look.number,
      step: rollOut.step,
      at: ctx.now(),
    })),
  );
}
