import { and, eq } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { deployments, deploymentVariants } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import type { DeploymentStatus } from "./constants";
import {
  type DeploymentRow,
  lockDeployment,
  type RollOut,
  type VariantRow,
  variantsOf,
} from "./internal";
import { announceRouting, recordEvent } from "./record-event";

/**
 * Third step of a roll-out: in one transaction the loaded version takes all traffic and what had it
 * before is retired. Whoever reads the traffic table sees the one or the other, never both or none.
 * Repeating it changes nothing; a newer version that is live already wins.
 */
export async function switchTraffic(
  ctx: Context,
  rollOut: RollOut,
): Promise<{ switched: boolean }> {
  requirePermission(ctx, "deployments:write");
  return withWorkspace(ctx, async (tx) => {
    const deployment = await lockDeployment(tx, ctx, rollOut.deploymentId);
    if (!deployment || deployment.deletedAt) return { switched: false };
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const variant = variants.find((one) => one.id === rollOut.variantId);
    if (variant?.status !== "loading") return { switched: variant?.status === "active" };
    if (isTooLate(variant, variants)) {
      await supersede(tx, ctx, variant);
      await settle(tx, ctx, deployment);
      return { switched: false };
    }
    for (const other of variants) {
      if (other.status === "loading" && isOlder(other, variant)) await supersede(tx, ctx, other);
    }
    await giveAllTraffic(tx, ctx, deployment, variant, variants, "active");
    await recordEvent(tx, ctx, {
      deploymentId: deployment.id,
      kind: "activated",
      versionId: variant.versionId,
      message: `Version ${variant.versionNumber} takes all traffic.`,
      once: variant.id,
    });
    await recordAudit(tx, ctx, {
      action: "deployment.activated",
      subjectType: "deployment",
      subjectId: deployment.id,
      before: activeVersions(variants),
      after: [{ versionId: variant.versionId, weight: 100 }],
    });
    return { switched: true };
  });
}

const isOlder = (a: VariantRow, b: VariantRow): boolean =>
  a.createdAt.getTime() < b.createdAt.getTime();

/** True when a version that was asked for later answers already. */
export const isTooLate = (variant: VariantRow, variants: VariantRow[]): boolean =>
  variants.some((one) => one.status === "active" && isOlder(variant, one));

/** Ends the status `deploying` of a deployment that answers and goes on as it was. */
export async function settle(
  tx: Transaction,
  ctx: Context,
  deployment: DeploymentRow,
): Promise<void> {
  if (deployment.status !== "deploying") return;
  await tx
    .update(deployments)
    .set({ status: "active", updatedAt: ctx.now() })
    .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, deployment.id)));
}

export const activeVersions = (variants: VariantRow[]) =>
  variants
    .filter((one) => one.status === "active")
    .map(({ versionId, weight }) => ({ versionId, weight }));

/** Marks a variant that lost its turn; it never had traffic. */
export async function supersede(
  tx: Transaction,
  ctx: Context,
  variant: VariantRow,
  message = `Version ${variant.versionNumber} lost its turn.`,
): Promise<void> {
  await setVariant(tx, ctx, variant.id, { status: "retired", weight: 0, retiredAt: ctx.now() });
  await recordEvent(tx, ctx, {
    deploymentId: variant.deploymentId,
    kind: "superseded",
    versionId: variant.versionId,
    message,
    once: variant.id,
  });
  await recordAudit(tx, ctx, {
    action: "deployment.rollout_superseded",
    subjectType: "deployment",
    subjectId: variant.deploymentId,
    after: { versionId: variant.versionId },
  });
  await announceChange(tx, ctx, "deployments", variant.deploymentId);
}

/** Gives one variant 100 percent and retires the other active ones; gateways follow by NOTIFY. */
export async function giveAllTraffic(
  tx: Transaction,
  ctx: Context,
  deployment: DeploymentRow,
  variant: VariantRow,
  variants: VariantRow[],
  status: DeploymentStatus,
): Promise<void> {
  for (const other of variants) {
    if (other.status !== "active" || other.id === variant.id) continue;
    await setVariant(tx, ctx, other.id, { status: "retired", weight: 0, retiredAt: ctx.now() });
  }
  await setVariant(tx, ctx, variant.id, {
    status: "active",
    weight: 100,
    activatedAt: ctx.now(),
    retiredAt: null,
  });
  await tx
    .update(deployments)
    .set({ status, error: null, updatedAt: ctx.now() })
    .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, deployment.id)));
  await announceRouting(tx, ctx);
  await announceChange(tx, ctx, "deployments", deployment.id);
}

export async function setVariant(
  tx: Transaction,
  ctx: Context,
  id: string,
  values: Partial<typeof deploymentVariants.$inferInsert>,
): Promise<void> {
  await tx
    .update(deploymentVariants)
    .set(values)
    .where(and(eq(deploymentVariants.workspaceId, ctx.workspaceId), eq(deploymentVariants.id, id)));
}
