import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getDeploymentInWorkspace, variantsOf } from "../internal";
import { deploymentParams } from "../schemas";
import { toSettingsDto } from "./internal";
import type { SettingsDto } from "./schemas";

/** How a deployment answers, defaults filled in, and which variants differ. */
export async function getDeploymentSettings(
  ctx: Context,
  input: { deployment: string },
): Promise<SettingsDto> {
  requirePermission(ctx, "deployments:read");
  const { deployment: ref } = deploymentParams.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, ref);
    const variants = await variantsOf(tx, ctx, [deployment.id], "relevant");
    return toSettingsDto(deployment.settings, variants);
  });
}
