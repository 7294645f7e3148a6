import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { deployments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { lockDeployment, type RollOut, variantsOf } from "./internal";
import { recordEvent } from "./record-event";
import { setVariant } from "./switch-traffic";

const REASON_CHARACTERS_MAX = 1000;

/**
 * Ends a roll-out that did not come about. An earlier version goes on answering; a deployment that
 * never had one is failed. Repeating it changes nothing.
 */
export async function failRollOut(
  ctx: Context,
  rollOut: RollOut,
  reason: string,
): Promise<{ failed: boolean }> {
  requirePermission(ctx, "deployments:write");
  return withWorkspace(ctx, async (tx) => {
    const deployment = await lockDeployment(tx, ctx, rollOut.deploymentId);
    if (!deployment) return { failed: false };
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const variant = variants.find((one) => one.id === rollOut.variantId);
    if (variant?.status !== "loading") return { failed: variant?.status === "failed" };
    const error = reason.slice(0, REASON_CHARACTERS_MAX);
    await setVariant(tx, ctx, variant.id, { status: "failed", weight: 0, retiredAt: ctx.now() });
    const isServing = variants.some((one) => one.status === "active");
    if (!deployment.deletedAt) {
      await tx
        .update(deployments)
        .set({
          status: isServing ? "active" : "failed",
          error: `Version ${variant.versionNumber}: ${error}`,
          updatedAt: ctx.now(),
        })
        .where(
          and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, deployment.id)),
        );
    }
    await recordEvent(tx, ctx, {
      deploymentId: deployment.id,
      kind: "failed",
      versionId: variant.versionId,
      message: `Version ${variant.versionNumber} was not loaded: ${error}`,
      once: variant.id,
    });
    await recordAudit(tx, ctx, {
      action: "deployment.rollout_failed",
      subjectType: "deployment",
      subjectId: deployment.id,
      after: { versionId: variant.versionId, reason: error },
    });
    await announceChange(tx, ctx, "deployments", deployment.id);
    return { failed: true };
  });
}
