import { type Transaction, withWorkspace } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import {
  type DeploymentRow,
  getDeploymentInWorkspace,
  requireDeployGrant,
  type VariantRow,
  variantsOf,
} from "../internal";
import {
  expectRevision,
  getRollOutOfDeployment,
  type RollOutRow,
  rollOutsWhere,
  toRollOutDto,
} from "./internal";
import type { RollOutDto } from "./schemas";
import { wakeRollOut } from "./wake-roll-out";

interface Change {
  deployment: string;
  rollOut: string;
  expectedRevision?: number | undefined;
}

interface Loaded {
  deployment: DeploymentRow;
  rollOut: RollOutRow;
  variants: VariantRow[];
}

/**
 * The part all verbs on a roll-out share: locks its deployment, asks for the grant, holds it against
 * the revision the caller saw, changes it, wakes its background work and answers what it is then.
 */
export function changeRollOut(
  ctx: Context,
  change: Change,
  apply: (tx: Transaction, loaded: Loaded) => Promise<void>,
): Promise<RollOutDto> {
  return withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, change.deployment, true);
    await requireDeployGrant(tx, ctx, deployment);
    const rollOut = await getRollOutOfDeployment(tx, ctx, deployment, change.rollOut);
    await expectRevision(tx, ctx, deployment, change.expectedRevision);
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    await apply(tx, { deployment, rollOut, variants });
    await wakeRollOut(tx, ctx, rollOut);
    const [after] = await rollOutsWhere(tx, ctx, { id: rollOut.id });
    return toRollOutDto(after ?? rollOut);
  });
}

/** Throws conflict unless the roll-out is in one of the states. */
export function requireState(rollOut: RollOutRow, states: readonly string[], verb: string): void {
  if (states.includes(rollOut.state)) return;
  const state = rollOut.state.replaceAll("_", " ");
  throw new AppError("conflict", `A roll-out that is ${state} cannot be ${verb}.`);
}
