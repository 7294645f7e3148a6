import { and, desc, eq } from "drizzle-orm";
import type { z } from "zod";
import type { Transaction } from "@/db/client";
import { rollOutAnalyses } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { AppError } from "@/server/kernel/errors";
import { ROLLOUT_REQUESTED } from "../constants";
import type { VariantRow } from "../internal";
import { recordEvent } from "../record-event";
import { setVariant, touchDeployment } from "../traffic/move-traffic";
import { changeRollOut, requireState } from "./change-roll-out";
import { type RollOutRow, setRollOut } from "./internal";
import type { RollOutPlan } from "./plan";
import { changeRollOutInput, type RollOutDto } from "./schemas";

/**
 * Lets a paused roll-out go on, or takes an abort back: then the version is loaded again and its plan
 * begins anew. Throws conflict for other states, and when something else was rolled out since.
 */
export async function resumeRollOut(
  ctx: Context,
  input: z.input<typeof changeRollOutInput>,
): Promise<RollOutDto> {
  requirePermission(ctx, "deployments:write");
  const { comment, ...change } = changeRollOutInput.parse(input);
  return changeRollOut(ctx, change, async (tx, { deployment, rollOut, variants }) => {
    requireState(rollOut, ["paused", "aborted", "rolled_back"], "resumed");
    if (rollOut.state === "paused") await goOn(tx, ctx, rollOut);
    else await beginAgain(tx, ctx, rollOut, variants);
    await touchDeployment(tx, ctx, deployment.id, { status: "deploying", error: null });
    await recordEvent(tx, ctx, {
      deploymentId: deployment.id,
      kind: "resumed",
      versionId: rollOut.versionId,
      message: `The roll-out of version ${rollOut.versionNumber} goes on.`,
      comment,
    });
    await recordAudit(tx, ctx, {
      action: "deployment.rollout_resumed",
      subjectType: "deployment",
      subjectId: deployment.id,
      after: { rollOutId: rollOut.id, step: rollOut.step },
    });
  });
}

async function goOn(tx: Transaction, ctx: Context, rollOut: RollOutRow): Promise<void> {
  await setRollOut(tx, ctx, rollOut.id, {
    state: "progressing",
    reason: null,
    plan: await withoutAcceptedDrift(tx, ctx, rollOut),
    dueAt: new Date(ctx.now().getTime() + (rollOut.remainingMs ?? 0)),
    remainingMs: null,
  });
}

/** Who lets a roll-out go on that was held for its outputs has looked at them. */
async function withoutAcceptedDrift(
  tx: Transaction,
  ctx: Context,
  { id, plan }: RollOutRow,
): Promise<RollOutPlan> {
  const [last] = await tx
    .select({ verdict: rollOutAnalyses.verdict })
    .from(rollOutAnalyses)
    .where(
      and(
        eq(rollOutAnalyses.workspaceId, ctx.workspaceId),
        eq(rollOutAnalyses.rollOutId, id),
        eq(rollOutAnalyses.metric, "outputs"),
      ),
    )
    .orderBy(desc(rollOutAnalyses.look))
    .limit(1);
  if (last?.verdict !== "hold") return plan;
  return { ...plan, analysis: { ...plan.analysis, onOutputDrift: "ignore" } };
}

async function beginAgain(
  tx: Transaction,
  ctx: Context,
  rollOut: RollOutRow,
  variants: VariantRow[],
): Promise<void> {
  const isNewest = variants[0]?.id === rollOut.candidateId;
  if (!isNewest) {
    throw new AppError("conflict", "Another version was rolled out since. Deploy this one again.");
  }
  await setVariant(tx, ctx, rollOut.candidateId, { status: "loading", retiredAt: null });
  await setRollOut(tx, ctx, rollOut.id, {
    state: "pending",
    step: -1,
    baseline: [],
    reason: null,
    startedAt: null,
    stepStartedAt: null,
    finishedAt: null,
    slowAboveUs: null,
    slowSince: null,
  });
  await emitEvent(tx, ctx, {
    name: ROLLOUT_REQUESTED,
    data: { deploymentId: rollOut.deploymentId, variantId: rollOut.candidateId },
  });
}
