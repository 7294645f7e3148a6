import { deployVersion } from "@/server/deployments";
import { asOwner } from "../../support/database";
import type { TestWorkspace, TestWorld } from "../../support/workspace";
import { addVersion, type Deployed, slopeModel } from "./deployed-world";

/** Asks for one more version of a deployment; answers its id. */
export async function askNext(
  workspace: TestWorkspace,
  made: Deployed,
  name: string,
  slope: number,
): Promise<string> {
  const ctx = workspace.as("admin");
  const versionId = await addVersion(ctx, made.modelId, slopeModel(slope));
  await deployVersion(ctx, {
    model: made.modelId,
    versionId,
    name,
    environment: "production",
  });
  return versionId;
}

/** Every variant a deployment had, oldest first. */
export const weightsOf = (world: TestWorld, deploymentId: string) =>
  asOwner<{ weight: number; status: string }>(
    world.db.ownerUrl,
    "select weight, status from deployment_variants where deployment_id = $1 order by created_at, id",
    [deploymentId],
  );
