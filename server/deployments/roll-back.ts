import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getDeployment } from "./get-deployment";
import {
  type DeploymentRow,
  getDeploymentInWorkspace,
  replicasToLoad,
  requireDeployGrant,
  rollbackTarget,
  type VariantRow,
  variantsOf,
} from "./internal";
import { nodeModelOf } from "./load-version";
import { takeBack } from "./roll-outs/end-roll-out";
import { expectRevision, type RollOutRow, rollOutsWhere } from "./roll-outs/internal";
import { loadBeforeChange } from "./roll-outs/load-before-change";
import { wakeRollOut } from "./roll-outs/wake-roll-out";
import { type DeploymentDetailDto, rollBackInput } from "./schemas";
import {
  activeVersions,
  moveTraffic,
  recordTrafficEvent,
  touchDeployment,
} from "./traffic/move-traffic";
import { preload } from "./traffic/preload";

/**
 * Goes back: cancels the roll-out in progress, else gives all traffic to the version that had it
 * before. A rollback of a rollback goes forward again. Throws conflict when there is no way back, or
 * the deployment is not as the caller saw it.
 */
export async function rollBackDeployment(
  ctx: Context,
  input: z.input<typeof rollBackInput>,
): Promise<DeploymentDetailDto> {
  requirePermission(ctx, "deployments:write");
  const { deployment: ref, expectedRevision, comment } = rollBackInput.parse(input);
  await preloadTarget(ctx, ref);
  await preloadStable(ctx, ref);
  await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, ref, true);
    await requireDeployGrant(tx, ctx, deployment);
    await expectRevision(tx, ctx, deployment, expectedRevision);
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const open = await rollOutsWhere(tx, ctx, { deploymentIds: [deployment.id], open: true });
    const isServing = variants.some((one) => one.status === "active");
    if (isServing && open.length > 0) await cancel(tx, ctx, deployment, open, comment);
    else await goBack(tx, ctx, deployment, variants, comment);
  });
  return getDeployment(ctx, { deployment: ref });
}

/** Usually the version is still loaded; when it is not, loading it before costs no request. */
async function preloadTarget(ctx: Context, ref: string): Promise<void> {
  const found = await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, ref);
    await requireDeployGrant(tx, ctx, deployment);
    const target = rollbackTarget(await variantsOf(tx, ctx, [deployment.id], "relevant"));
    const model = target && (await nodeModelOf(tx, ctx, target.versionId));
    return model && { model, replicas: replicasToLoad(deployment) };
  });
  if (found) await preload(ctx, found.model, found.replicas);
}

/** What an open roll-out took replicas from has them again before it has the traffic. */
async function preloadStable(ctx: Context, ref: string): Promise<void> {
  const open = await withWorkspace(ctx, async (tx) => {
    const { id } = await getDeploymentInWorkspace(tx, ctx, ref);
    return rollOutsWhere(tx, ctx, { deploymentIds: [id], open: true });
  });
  for (const { id } of open) {
    await loadBeforeChange(ctx, { deployment: ref, rollOut: id }, "stable");
  }
}

async function cancel(
  tx: Transaction,
  ctx: Context,
  deployment: DeploymentRow,
  open: RollOutRow[],
  comment: string | undefined,
): Promise<void> {
  for (const rollOut of open) {
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const reason = comment ?? "It was cancelled.";
    await takeBack(tx, ctx, { deployment, rollOut, variants, reason, comment, state: "aborted" });
    await wakeRollOut(tx, ctx, rollOut);
  }
}

async function goBack(
  tx: Transaction,
  ctx: Context,
  deployment: DeploymentRow,
  variants: VariantRow[],
  comment: string | undefined,
): Promise<void> {
  const target = rollbackTarget(variants);
  if (!target) {
    throw new AppError("conflict", "This deployment has no earlier version to go back to.");
  }
  await moveTraffic(tx, ctx, variants, {
    shares: [{ variantId: target.id, weight: 100 }],
    accepted: [target.id],
  });
  const status = deployment.status === "rolled_back" ? "active" : "rolled_back";
  await touchDeployment(tx, ctx, deployment.id, { status, error: null });
  await recordTrafficEvent(tx, ctx, {
    deploymentId: deployment.id,
    kind: "rolled_back",
    versionId: target.versionId,
    message: `Version ${target.versionNumber} takes all traffic again.`,
    comment,
  });
  await recordAudit(tx, ctx, {
    action: "deployment.rolled_back",
    subjectType: "deployment",
    subjectId: deployment.id,
    before: activeVersions(variants),
    after: [{ versionId: target.versionId, weight: 100 }],
  });
}
