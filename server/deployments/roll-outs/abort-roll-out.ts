import type { z } from "zod";
import { requirePermission } from "@/server/access";
import { actorName } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import { OPEN_STATES } from "../constants";
import { changeRollOut, requireState } from "./change-roll-out";
import { takeBack } from "./end-roll-out";
import { loadBeforeChange } from "./load-before-change";
import { changeRollOutInput, type RollOutDto } from "./schemas";

/**
 * Ends a roll-out and gives its traffic back to what had it before, at once. Resuming it takes that
 * back. Throws conflict when it is over already.
 */
export async function abortRollOut(
  ctx: Context,
  input: z.input<typeof changeRollOutInput>,
): Promise<RollOutDto> {
  requirePermission(ctx, "deployments:write");
  const { comment, ...change } = changeRollOutInput.parse(input);
  await loadBeforeChange(ctx, change, "stable");
  return changeRollOut(ctx, change, async (tx, { deployment, rollOut, variants }) => {
    requireState(rollOut, OPEN_STATES, "aborted");
    const reason = comment || `Aborted by ${actorName(ctx.actor)}.`;
    await takeBack(tx, ctx, { deployment, rollOut, variants, reason, comment, state: "aborted" });
  });
}
