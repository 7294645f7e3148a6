import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { runConversion } from "@/server/training";
import { getDeploymentInWorkspace, type RollOut, variantsOf } from "./internal";

/**
 * Before a version is loaded: where it came as a native model it becomes ONNX first; others pass at
 * once. Repeating it is harmless. Throws validation_failed with the reason when it cannot.
 */
export async function convertVersion(
  ctx: Context,
  rollOut: RollOut,
): Promise<{ converted: boolean }> {
  requirePermission(ctx, "deployments:write");
  const versionId = await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, rollOut.deploymentId);
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const variant = variants.find((one) => one.id === rollOut.variantId);
    if (!variant) throw notFound("The variant");
    return variant.versionId;
  });
  return runConversion(ctx, { versionId });
}
