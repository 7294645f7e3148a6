import { type Transaction, withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getDeployment } from "./get-deployment";
import {
  type DeploymentRow,
  getDeploymentInWorkspace,
  requireDeployGrant,
  rollbackTarget,
  type VariantRow,
  variantsOf,
} from "./internal";
import { nodeModelOf } from "./load-version";
import { recordEvent } from "./record-event";
import { type DeploymentDetailDto, deploymentParams } from "./schemas";
import { activeVersions, giveAllTraffic, settle, supersede } from "./switch-traffic";

/** How long a rollback waits for nodes that have to read the version again, milliseconds. */
const PRELOAD_MS = 5_000;

/**
 * Goes back: cancels the roll-out in progress, else gives all traffic to the version that had it
 * before. A rollback of a rollback goes forward again. Throws conflict when there is no way back.
 */
export async function rollBackDeployment(
  ctx: Context,
  input: { deployment: string },
): Promise<DeploymentDetailDto> {
  requirePermission(ctx, "deployments:write");
  const { deployment: ref } = deploymentParams.parse(input);
  await preload(ctx, ref);
  await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, ref, true);
    await requireDeployGrant(tx, ctx, deployment);
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const active = variants.find((one) => one.status === "active");
    const loading = variants.filter((one) => one.status === "loading");
    if (active && loading.length > 0) await cancel(tx, ctx, deployment, loading);
    else await goBack(tx, ctx, deployment, variants);
  });
  return getDeployment(ctx, { deployment: ref });
}

/** Usually the version is still loaded; when it is not, loading it before costs no request. */
async function preload(ctx: Context, ref: string): Promise<void> {
  const found = await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, ref);
    await requireDeployGrant(tx, ctx, deployment);
    const target = rollbackTarget(await variantsOf(tx, ctx, [deployment.id], "relevant"));
    const model = target && (await nodeModelOf(tx, ctx, target.versionId));
    return model && { model, replicas: deployment.maxReplicas };
  });
  if (!found || !ctx.ports.nodes) return;
  const loading = ctx.ports.nodes.load(found.model, found.replicas);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PRELOAD_MS);
  });
  try {
    await Promise.race([loading, patience]);
  } catch (error) {
    // Nodes that are away load it with the first request; a refused model must not get traffic.
    if (error instanceof AppError && error.code === "validation_failed") {
      throw new AppError("conflict", `The earlier version cannot be loaded: ${error.message}`);
    }
  } finally {
    clearTimeout(timer);
  }
  loading.catch(() => undefined);
}

async function cancel(
  tx: Transaction,
  ctx: Context,
  deployment: DeploymentRow,
  loading: VariantRow[],
): Promise<void> {
  for (const variant of loading) {
    const message = `The roll-out of version ${variant.versionNumber} was cancelled.`;
    await supersede(tx, ctx, variant, message);
  }
  await settle(tx, ctx, deployment);
  await announceChange(tx, ctx, "deployments", deployment.id);
}

async function goBack(
  tx: Transaction,
  ctx: Context,
  deployment: DeploymentRow,
  variants: VariantRow[],
): Promise<void> {
  const target = rollbackTarget(variants);
  if (!target) {
    throw new AppError("conflict", "This deployment has no earlier version to go back to.");
  }
  const status = deployment.status === "rolled_back" ? "active" : "rolled_back";
  await giveAllTraffic(tx, ctx, deployment, target, variants, status);
  await recordEvent(tx, ctx, {
    deploymentId: deployment.id,
    kind: "rolled_back",
    versionId: target.versionId,
    message: `Version ${target.versionNumber} takes all traffic again.`,
  });
  await recordAudit(tx, ctx, {
    action: "deployment.rolled_back",
    subjectType: "deployment",
    subjectId: deployment.id,
    before: activeVersions(variants),
    after: [{ versionId: target.versionId, weight: 100 }],
  });
}
