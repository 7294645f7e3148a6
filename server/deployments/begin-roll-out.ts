import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { lockDeployment, type RollOut, variantsOf } from "./internal";
import { recordEvent } from "./record-event";
import { supersede } from "./roll-outs/end-roll-out";
import { hasTraffic, isOpen, rollOutsWhere, setRollOut } from "./roll-outs/internal";
import { isTooLate, settled } from "./roll-outs/start-traffic";
import { touchDeployment } from "./traffic/move-traffic";

/**
 * First step of a roll-out: shows that loading has begun. Answers `proceed` false when there is
 * nothing to do any more (deleted, cancelled, done). Repeating it changes nothing.
 */
export async function beginRollOut(ctx: Context, ref: RollOut): Promise<{ proceed: boolean }> {
  requirePermission(ctx, "deployments:write");
  return withWorkspace(ctx, async (tx) => {
    const deployment = await lockDeployment(tx, ctx, ref.deploymentId);
    const [rollOut] = await rollOutsWhere(tx, ctx, { variantId: ref.variantId });
    if (!deployment || deployment.deletedAt || !rollOut || !isOpen(rollOut)) {
      return { proceed: false };
    }
    if (hasTraffic(rollOut) || rollOut.state === "loading") return { proceed: true };
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const variant = variants.find((one) => one.id === ref.variantId);
    if (!variant || isTooLate(variant, variants)) {
      await supersede(tx, ctx, rollOut);
      await touchDeployment(tx, ctx, deployment.id, settled(deployment, variants));
      return { proceed: false };
    }
    await setRollOut(tx, ctx, rollOut.id, { state: "loading" });
    await recordEvent(tx, ctx, {
      deploymentId: deployment.id,
      kind: "loading",
      versionId: variant.versionId,
      message: `Version ${variant.versionNumber} is being loaded.`,
    });
    await touchDeployment(tx, ctx, deployment.id, { status: "deploying", error: null });
    await recordAudit(tx, ctx, {
      action: "deployment.rollout_started",
      subjectType: "deployment",
      subjectId: deployment.id,
      after: { rollOutId: rollOut.id, versionId: variant.versionId },
    });
    return { proceed: true };
  });
}
