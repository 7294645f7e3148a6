import { and, eq } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { deployments, modelVersionArtifacts, modelVersions } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import type { NodeModel } from "@/server/kernel/ports";
import { lockDeployment, variantsOf } from "./internal";
import { recordEvent } from "./record-event";

export interface RollOut {
  deploymentId: string;
  variantId: string;
}

/**
 * First step of a roll-out: shows that loading has begun. Answers null when there is nothing to do
 * any more (deleted, cancelled, done). Repeating it changes nothing.
 */
export async function beginRollOut(
  ctx: Context,
  rollOut: RollOut,
): Promise<{ model: NodeModel; replicas: number } | null> {
  requirePermission(ctx, "deployments:write");
  return withWorkspace(ctx, async (tx) => {
    const deployment = await lockDeployment(tx, ctx, rollOut.deploymentId);
    if (!deployment || deployment.deletedAt) return null;
    const variants = await variantsOf(tx, ctx, [deployment.id]);
    const variant = variants.find((one) => one.id === rollOut.variantId);
    if (variant?.status !== "loading") return null;
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
    const model = await nodeModelOf(tx, ctx, variant.versionId);
    return model && { model, replicas: deployment.maxReplicas };
  });
}

/** What a node needs to serve a version; null when it has no ONNX file. */
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
    .innerJoin(
      modelVersionArtifacts,
      and(
        eq(modelVersionArtifacts.workspaceId, modelVersions.workspaceId),
        eq(modelVersionArtifacts.versionId, modelVersions.id),
        eq(modelVersionArtifacts.kind, "model"),
      ),
    )
    .where(and(eq(modelVersions.workspaceId, ctx.workspaceId), eq(modelVersions.id, versionId)));
  return row ? { ...row, workspaceId: ctx.workspaceId } : null;
}
