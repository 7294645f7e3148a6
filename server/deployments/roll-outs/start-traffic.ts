import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { DeploymentRow, VariantRow } from "../internal";
import { touchDeployment } from "../traffic/move-traffic";
import type { Share } from "../traffic/share-weights";
import type { Progress } from "./advance-roll-out";
import { promote, supersede } from "./end-roll-out";
import { enterStep } from "./enter-step";
import { hasTraffic, type RollOutRow, rollOutsWhere } from "./internal";

interface Start {
  deployment: DeploymentRow;
  rollOut: RollOutRow;
  variants: VariantRow[];
}

/**
 * Gives a loaded version its first traffic. Older roll-outs that are still under way end here, in the
 * same transaction; a version that was asked for later and serves already ends this one.
 */
export async function startTraffic(
  tx: Transaction,
  ctx: Context,
  { deployment, rollOut, variants }: Start,
): Promise<Progress> {
  const candidate = variants.find((one) => one.id === rollOut.candidateId);
  if (candidate?.status !== "loading" || isTooLate(candidate, variants)) {
    await supersede(tx, ctx, rollOut);
    await touchDeployment(tx, ctx, deployment.id, settled(deployment, variants));
    return { isOver: true, waitSeconds: 0 };
  }
  const baseline = await clearTheWay(tx, ctx, rollOut, variants);
  const stable = largest(baseline);
  const begun = { ...rollOut, baseline, stableId: stable?.variantId ?? null };
  if (!stable || rollOut.plan.steps.length === 0) {
    const reason = stable ? "All traffic at once, as asked for." : "Nothing answered before.";
    await promote(tx, ctx, { deployment, rollOut: begun, variants, reason });
    return { isOver: true, waitSeconds: 0 };
  }
  await enterStep(tx, ctx, begun, variants, 0);
  return { isOver: false, waitSeconds: 1 };
}

/** Ends older roll-outs; answers the traffic that is left when their candidates are gone. */
async function clearTheWay(
  tx: Transaction,
  ctx: Context,
  rollOut: RollOutRow,
  variants: VariantRow[],
): Promise<Share[]> {
  const open = await rollOutsWhere(tx, ctx, {
    deploymentIds: [rollOut.deploymentId],
    open: true,
  });
  let shares = variants
    .filter((one) => one.status === "active" && one.weight > 0)
    .map((one) => ({ variantId: one.id, weight: one.weight }));
  for (const other of open) {
    if (other.id === rollOut.id || other.createdAt > rollOut.createdAt) continue;
    if (hasTraffic(other)) shares = other.baseline;
    await supersede(tx, ctx, other);
  }
  return shares;
}

const largest = (shares: Share[]): Share | undefined =>
  shares.reduce<Share | undefined>(
    (best, one) => (best && best.weight >= one.weight ? best : one),
    undefined,
  );

/** True when a version that was asked for later answers already. */
export const isTooLate = (variant: VariantRow, variants: VariantRow[]): boolean =>
  variants.some(
    (one) =>
      one.status === "active" &&
      one.role === "stable" &&
      variant.createdAt.getTime() < one.createdAt.getTime(),
  );

/** A deployment that answers and goes on as it was is no longer deploying. */
export const settled = (
  deployment: DeploymentRow,
  variants: VariantRow[],
): { status?: "active" } =>
  deployment.status === "deploying" && variants.some((one) => one.status === "active")
    ? { status: "active" }
    : {};
