import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import {
  getDeploymentInWorkspace,
  modelNameOf,
  toDeploymentDto,
  toVariantDto,
  variantsOf,
} from "./internal";
import { rollOutsWhere, toRollOutDto } from "./roll-outs/internal";
import { type DeploymentDetailDto, deploymentParams } from "./schemas";

const VARIANTS_MAX = 100;

/** One deployment with its variants. Throws not_found for a deleted one. */
export async function getDeployment(
  ctx: Context,
  input: { deployment: string },
): Promise<DeploymentDetailDto> {
  requirePermission(ctx, "deployments:read");
  const { deployment: ref } = deploymentParams.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, ref);
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const modelName = await modelNameOf(tx, ctx, deployment.modelId);
    const [rollOut] = await rollOutsWhere(tx, ctx, { deploymentIds: [deployment.id], open: true });
    return {
      ...toDeploymentDto(deployment, modelName, variants),
      variants: variants.slice(0, VARIANTS_MAX).map(toVariantDto),
      rollOut: rollOut ? toRollOutDto(rollOut) : null,
    };
  });
}
