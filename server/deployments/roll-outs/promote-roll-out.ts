import type { z } from "zod";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { actorName } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import { changeRollOut, requireState } from "./change-roll-out";
import { promote } from "./end-roll-out";
import { enterStep } from "./enter-step";
import { loadBeforeChange } from "./load-before-change";
import { promoteInput, type RollOutDto } from "./schemas";

/**
 * Moves a roll-out on before its time: to its next step, or to all traffic. What the analysis found
 * so far does not hold it back. Throws conflict while it has no traffic yet, or is over.
 */
export async function promoteRollOut(
  ctx: Context,
  input: z.input<typeof promoteInput>,
): Promise<RollOutDto> {
  requirePermission(ctx, "deployments:write");
  const { comment, to, ...change } = promoteInput.parse(input);
  if (to === "end") await loadBeforeChange(ctx, change, "candidate");
  return changeRollOut(ctx, change, async (tx, { deployment, rollOut, variants }) => {
    requireState(rollOut, ["progressing", "paused", "awaiting_promotion"], "promoted");
    const next = rollOut.step + 1;
    if (to === "next_step" && next < rollOut.plan.steps.length) {
      await enterStep(tx, ctx, rollOut, variants, next, comment);
    } else {
      const reason = comment || `Promoted by ${actorName(ctx.actor)}.`;
      await promote(tx, ctx, { deployment, rollOut, variants, reason, comment });
    }
    await recordAudit(tx, ctx, {
      action: "deployment.rollout_promoted",
      subjectType: "deployment",
      subjectId: deployment.id,
      after: { rollOutId: rollOut.id, to, fromStep: rollOut.step },
    });
  });
}
