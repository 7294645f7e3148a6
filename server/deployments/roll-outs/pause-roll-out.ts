import type { z } from "zod";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { recordEvent } from "../record-event";
import { touchDeployment } from "../traffic/move-traffic";
import { changeRollOut, requireState } from "./change-roll-out";
import { setRollOut } from "./internal";
import { changeRollOutInput, type RollOutDto } from "./schemas";

/**
 * Stops the clock of a step; traffic stays as it is, and a version found worse is still taken back.
 * Throws conflict unless it progresses.
 */
export async function pauseRollOut(
  ctx: Context,
  input: z.input<typeof changeRollOutInput>,
): Promise<RollOutDto> {
  requirePermission(ctx, "deployments:write");
  const { comment, ...change } = changeRollOutInput.parse(input);
  return changeRollOut(ctx, change, async (tx, { deployment, rollOut }) => {
    requireState(rollOut, ["progressing"], "paused");
    const leftMs = (rollOut.dueAt?.getTime() ?? 0) - ctx.now().getTime();
    await setRollOut(tx, ctx, rollOut.id, {
      state: "paused",
      reason: comment || "Paused by hand.",
      dueAt: null,
      remainingMs: Math.max(0, leftMs),
    });
    await touchDeployment(tx, ctx, deployment.id);
    await recordEvent(tx, ctx, {
      deploymentId: deployment.id,
      kind: "paused",
      versionId: rollOut.versionId,
      message: `The roll-out of version ${rollOut.versionNumber} was paused.`,
      comment,
    });
    await recordAudit(tx, ctx, {
      action: "deployment.rollout_paused",
      subjectType: "deployment",
      subjectId: deployment.id,
      after: { rollOutId: rollOut.id, step: rollOut.step },
    });
  });
}
