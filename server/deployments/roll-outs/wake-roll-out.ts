import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { ROLLOUT_CHANGED } from "../constants";
import type { RollOutRow } from "./internal";

/** Tells the background work of a roll-out to look again now instead of when its wait ends. */
export const wakeRollOut = (
  tx: Transaction,
  ctx: Context,
  { deploymentId, candidateId }: Pick<RollOutRow, "deploymentId" | "candidateId">,
): Promise<void> =>
  emitEvent(tx, ctx, {
    name: ROLLOUT_CHANGED,
    data: { deploymentId, variantId: candidateId },
  });
