import { and, eq } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { modelVersionArtifacts, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid, notFound } from "@/server/kernel/errors";
import type { InferenceNodes, NodeModel } from "@/server/kernel/ports";
import { remoteModelOf } from "@/server/registry";
import { getDeploymentInWorkspace, type RollOut, replicasToLoad, variantsOf } from "./internal";
import { deploymentSettings } from "./settings/settings";

/** The inference nodes of this process. Throws unavailable where there are none. */
export function nodesOf(ctx: Pick<Context, "ports">): InferenceNodes {
  if (!ctx.ports.nodes) {
    throw new AppError("unavailable", "This process reaches no inference node.");
  }
  return ctx.ports.nodes;
}

/**
 * Second step of a roll-out: puts the version on inference nodes, which check its digest and warm it
 * up. Writes nothing of ours, so repeating it is harmless. Throws invalid when a node refuses it.
 */
export async function loadVersion(ctx: Context, rollOut: RollOut): Promise<{ replicas: number }> {
  requirePermission(ctx, "deployments:write");
  const { model, wanted } = await withWorkspace(ctx, async (tx) => {
    const deployment = await getDeploymentInWorkspace(tx, ctx, rollOut.deploymentId);
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const variant = variants.find((one) => one.id === rollOut.variantId);
    if (!variant) throw notFound("The variant");
    const { nodeSelector: selector } = settingsOf(deployment).placement;
    const found = await nodeModelOf(tx, ctx, variant.versionId);
    return {
      model: found && { ...found, selector },
      wanted: replicasToLoad(deployment),
    };
  });
  if (!model) throw invalid("The version has no ONNX model and runs nowhere else.");
  return { replicas: await nodesOf(ctx).load(model, wanted) };
}

/** What cannot be read any more must not stop a roll-out. */
const settingsOf = ({ settings }: { settings: unknown }) =>
  deploymentSettings.safeParse(settings).data ?? deploymentSettings.parse({});

/** What a node needs to serve a version; null when it has no ONNX file and runs nowhere else. */
export async function nodeModelOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  versionId: string,
): Promise<NodeModel | null> {
  const [row] = await tx
    .select({
      versionId: modelVersions.id,
      signature: modelVersions.signature,
      sha256: modelVersionArtifacts.sha256,
      sizeBytes: modelVersionArtifacts.sizeBytes,
    })
    .from(modelVersions)
    .leftJoin(
      modelVersionArtifacts,
      and(
        eq(modelVersionArtifacts.workspaceId, modelVersions.workspaceId),
        eq(modelVersionArtifacts.versionId, modelVersions.id),
        eq(modelVersionArtifacts.kind, "model"),
      ),
    )
    .where(and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.id, versionId)));
  if (!row) return null;
  const { versionId: id, signature, sha256, sizeBytes } = row;
  const model = { workspaceId: ctx.workspaceId, versionId: id, signature };
  if (sha256 !== null && sizeBytes !== null) return { ...model, sha256, sizeBytes };
  const remote = await remoteModelOf(tx, ctx, versionId);
  return remote && { ...model, sha256: "", sizeBytes: 0, remote };
}
