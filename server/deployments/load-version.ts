import { and, eq } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { modelVersionArtifacts, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid, notFound } from "@/server/kernel/errors";
import type { InferenceNodes, NodeModel } from "@/server/kernel/ports";
import { formatOf, remoteModelOf } from "@/server/registry";
import {
  type DeploymentRow,
  getDeploymentInWorkspace,
  type RollOut,
  replicasToLoad,
  variantsOf,
} from "./internal";
import { replicasOf } from "./replicas-of";
import { checkCandidate } from "./roll-outs/check-candidate";
import { rollOutsWhere } from "./roll-outs/internal";
import { movesReplicas } from "./roll-outs/moves-replicas";
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
 * up; one that gets all traffic in one switch must answer requests of late as well. Writes nothing of
 * ours, so repeating it is harmless. Throws invalid when a node refuses it.
 */
export async function loadVersion(ctx: Context, rollOut: RollOut): Promise<{ replicas: number }> {
  requirePermission(ctx, "deployments:write");
  const { model, wanted, switched } = await withWorkspace(ctx, (tx) => read(tx, ctx, rollOut));
  if (!model) throw invalid("The version has no model file and runs nowhere else.");
  const nodes = nodesOf(ctx);
  const replicas = await nodes.load(model, wanted);
  if (switched) await checkCandidate(ctx, nodes, { ...switched, model, replicas, wanted });
  return { replicas };
}

async function read(tx: Transaction, ctx: Context, ref: RollOut) {
  const deployment = await getDeploymentInWorkspace(tx, ctx, ref.deploymentId);
  const variants = await variantsOf(tx, ctx, [deployment.id]);
  const variant = variants.find((one) => one.id === ref.variantId);
  if (!variant) throw notFound("The variant");
  const [rollOut] = await rollOutsWhere(tx, ctx, { variantId: ref.variantId });
  const stable = variants.find((one) => one.status === "active" && one.weight > 0);
  const moves = rollOut && stable && movesReplicas(ctx, rollOut, variants);
  const share = moves ? (rollOut.plan.steps[0]?.weight ?? null) : null;
  const opposite = moves ? stable.versionId : undefined;
  return {
    model: await placedModelOf(tx, ctx, deployment, variant.versionId, opposite),
    wanted: replicasOf(replicasToLoad(deployment), share),
    switched: rollOut?.strategy === "blue_green" && {
      deploymentId: deployment.id,
      versionNumber: rollOut.versionNumber,
      stableVersionId: stable?.versionId ?? null,
    },
  };
}

/**
 * The same with where a deployment has its versions; `opposite` is the version it takes the place of
 * replica by replica.
 */
export async function placedModelOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  deployment: DeploymentRow,
  versionId: string,
  opposite?: string,
): Promise<NodeModel | null> {
  const { nodeSelector: selector } = settingsOf(deployment).placement;
  const found = await nodeModelOf(tx, ctx, versionId);
  return found && { ...found, selector, deploymentId: deployment.id, opposite };
}

/** What cannot be read any more must not stop a roll-out. */
export const settingsOf = ({ settings }: { settings: unknown }) =>
  deploymentSettings.safeParse(settings).data ?? deploymentSettings.parse({});

/** What a node needs to serve a version; null when it has no model file and runs nowhere else. */
export async function nodeModelOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  versionId: string,
): Promise<NodeModel | null> {
  const [row] = await tx
    .select({
      versionId: modelVersions.id,
      signature: modelVersions.signature,
      path: modelVersionArtifacts.path,
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
  const { versionId: id, signature, path, sha256, sizeBytes } = row;
  const model = { workspaceId: ctx.workspaceId, versionId: id, signature };
  if (path !== null && sha256 !== null && sizeBytes !== null)
    return { ...model, sha256, sizeBytes, format: formatOf(path) };
  const remote = await remoteModelOf(tx, ctx, versionId);
  return remote && { ...model, sha256: "", sizeBytes: 0, remote };
}
