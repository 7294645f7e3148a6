import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { lockDeployment, type RollOut, variantsOf } from "./internal";
import { recordEvent } from "./record-event";
import { finish } from "./roll-outs/end-roll-out";
import { hasTraffic, isOpen, rollOutsWhere } from "./roll-outs/internal";
import { setVariant, touchDeployment } from "./traffic/move-traffic";

const REASON_CHARACTERS_MAX = 1000;

/**
 * Ends a roll-out that did not come about. An earlier version goes on answering; a deployment that
 * never had one is failed. Repeating it changes nothing. `goesOn` is true for one that has traffic:
 * what broke then was its watching, and somebody must go on with it.
 */
export async function failRollOut(
  ctx: Context,
  ref: RollOut,
  reason: string,
): Promise<{ failed: boolean; goesOn: boolean }> {
  requirePermission(ctx, "deployments:write");
  return withWorkspace(ctx, async (tx) => {
    const deployment = await lockDeployment(tx, ctx, ref.deploymentId);
    const [rollOut] = await rollOutsWhere(tx, ctx, { variantId: ref.variantId });
    if (!deployment || !rollOut) return { failed: false, goesOn: false };
    if (!isOpen(rollOut)) return { failed: rollOut.state === "failed", goesOn: false };
    if (hasTraffic(rollOut)) return { failed: false, goesOn: true };
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const error = reason.slice(0, REASON_CHARACTERS_MAX);
    await setVariant(tx, ctx, ref.variantId, {
      status: "failed",
      weight: 0,
      retiredAt: ctx.now(),
    });
    await finish(tx, ctx, rollOut, "failed", error);
    const isServing = variants.some((one) => one.status === "active");
    await touchDeployment(
      tx,
      ctx,
      deployment.id,
      deployment.deletedAt
        ? {}
        : {
            status: isServing ? "active" : "failed",
            error: `Version ${rollOut.versionNumber}: ${error}`,
          },
    );
    await recordEvent(tx, ctx, {
      deploymentId: deployment.id,
      kind: "failed",
      versionId: rollOut.versionId,
      message: `Version ${rollOut.versionNumber} was not loaded: ${error}`,
    });
    await recordAudit(tx, ctx, {
      action: "deployment.rollout_failed",
      subjectType: "deployment",
      subjectId: deployment.id,
      after: { rollOutId: rollOut.id, versionId: rollOut.versionId, reason: error },
    });
    return { failed: true, goesOn: false };
  });
}
