import { and, eq } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { deployments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { lockDeployment, type RollOut, variantsOf } from "./internal";
import { recordEvent } from "./record-event";
import { isTooLate, supersede } from "./switch-traffic";

/**
 * First step of a roll-out: shows that loading has begun. Answers `proceed` false when there is
 * nothing to do any more (deleted, cancelled, done). Repeating it changes nothing.
 */
export async function beginRollOut(ctx: Context, rollOut: RollOut): Promise<{ proceed: boolean }> {
  requirePermission(ctx, "deployments:write");
  return withWorkspace(ctx, async (tx) => {
    const deployment = await lockDeployment(tx, ctx, rollOut.deploymentId);
    if (!deployment || deployment.deletedAt) return { proceed: false };
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const variant = variants.find((one) => one.id === rollOut.variantId);
    if (variant?.status !== "loading") return { proceed: false };
    if (isTooLate(variant, variants)) {
      await supersede(tx, ctx, variant);
      return { proceed: false };
    }
    const isFirstTime = await recordEvent(tx, ctx, {
      deploymentId: deployment.id,
      kind: "loading",
      versionId: variant.versionId,
      message: `Version ${variant.versionNumber} is being loaded.`,
      once: variant.id,
    });
    if (isFirstTime) {
      await tx
        .update(deployments)
        .set({ status: "deploying", error: null, updatedAt: ctx.now() })
        .where(
          and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, deployment.id)),
        );
      await recordAudit(tx, ctx, {
        action: "deployment.rollout_started",
        subjectType: "deployment",
        subjectId: deployment.id,
        after: { versionId: variant.versionId },
      });
      await announceChange(tx, ctx, "deployments", deployment.id);
    }
    return { proceed: true };
  });
}
