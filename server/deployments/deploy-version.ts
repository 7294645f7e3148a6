import { and, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { deployments, externalModels, modelVersionArtifacts, modelVersions } from "@/db/schema";
import { requireGrant, requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { actorName } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import {
  adoptLogged,
  adoptNative,
  formatOf,
  getModelInWorkspace,
  type NativeSource,
  nativeSource,
  noNodeFor,
} from "@/server/registry";
import { requestConversion } from "@/server/training";
import { type DeploymentRow, type VariantRow, variantsOf } from "./internal";
import { rollOutsWhere } from "./roll-outs/internal";
import { requestRollOut } from "./roll-outs/request-roll-out";
import { deployInput } from "./schemas";

type DeployValues = z.output<typeof deployInput>;

/**
 * Asks for a version to be served under a name; loading it is background work. A deployment of that
 * name for the same model and environment gets a roll-out of the version, and asking for what it
 * serves already changes nothing but the replicas. Throws conflict when the name belongs to another
 * model or environment, or the version has no file that can be served.
 */
export async function deployVersion(
  ctx: Context,
  input: z.input<typeof deployInput>,
): Promise<{ deploymentId: string; rollOutId: string | null }> {
  requirePermission(ctx, "deployments:write");
  const values = deployInput.parse(input);
  await (values.runtime === "native" ? adoptNative(ctx, values) : adoptLogged(ctx, values));
  const native = await nativeSource(ctx, values);
  return withWorkspace(ctx, async (tx) => {
    await requireGrant(tx, ctx, { on: { environment: values.environment }, action: "deploy" });
    const version = await deployableVersion(tx, ctx, values, native);
    await requireGrant(tx, ctx, { on: { modelId: version.modelId }, action: "deploy" });
    const deployment = await findOrCreate(tx, ctx, version.modelId, values);
    const variants = await variantsOf(tx, ctx, [deployment.id], "relevant");
    const newest = variants.find((one) => one.status === "loading" || one.status === "active");
    const isServed = newest?.versionId === version.id && !isStuck(newest, ctx.now());
    if (!isServed && native) await requestConversion(tx, ctx, version, native);
    const rollOutId = isServed
      ? await openRollOutOf(tx, ctx, newest)
      : await requestRollOut(tx, ctx, { deployment, version, ...values });
    await recordAudit(tx, ctx, {
      action: "deployment.deployed",
      subjectType: "deployment",
      subjectId: deployment.id,
      after: { ...values, versionNumber: version.number, rollOut: !isServed },
    });
    await announceChange(tx, ctx, "deployments", deployment.id);
    return { deploymentId: deployment.id, rollOutId };
  });
}

/** The roll-out that brings a variant into service already; null when it is done. */
async function openRollOutOf(tx: Transaction, ctx: Context, variant: VariantRow) {
  const [rollOut] = await rollOutsWhere(tx, ctx, { variantId: variant.id, open: true });
  return rollOut?.id ?? null;
}

/** A roll-out that is older than this may be asked for again, milliseconds. */
const ROLL_OUT_MS = 10 * 60_000;

const isStuck = (variant: VariantRow, now: Date): boolean =>
  variant.status === "loading" && now.getTime() - variant.createdAt.getTime() > ROLL_OUT_MS;

/** The version with its model locked, so that the model is not deleted meanwhile. */
async function deployableVersion(
  tx: Transaction,
  ctx: Context,
  values: DeployValues,
  native: NativeSource | null,
) {
  const model = await getModelInWorkspace(tx, ctx, values.model, true);
  const [version] = await tx
    .select({
      id: modelVersions.id,
      modelId: modelVersions.modelId,
      number: modelVersions.number,
      path: modelVersionArtifacts.path,
      sha256: modelVersionArtifacts.sha256,
      endpoint: externalModels.url,
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
    .leftJoin(
      externalModels,
      and(
        eq(externalModels.workspaceId, modelVersions.workspaceId),
        eq(externalModels.versionId, modelVersions.id),
      ),
    )
    .where(
      and(
        eq(modelVersions.workspaceId, ctx.workspaceId),
        isNull(modelVersions.deletedAt),
        eq(modelVersions.modelId, model.id),
        eq(modelVersions.id, values.versionId),
      ),
    );
  if (!version) throw notFound("The version of this model");
  // A native model becomes ONNX on its way to the nodes.
  if (!version.sha256 && !version.endpoint && !native) {
    throw new AppError(
      "conflict",
      `Version ${version.number} has no ONNX model or PyTorch archive (.pt2) among its artifacts, and no scikit-learn, XGBoost or LightGBM model that could become one, so it cannot be served.`,
    );
  }
  const format = formatOf(version.path ?? "");
  if (format && ctx.ports.nodes?.fits({ format }) === false)
    throw new AppError("conflict", noNodeFor(format));
  return version;
}

async function findOrCreate(
  tx: Transaction,
  ctx: Context,
  modelId: string,
  values: DeployValues,
): Promise<DeploymentRow> {
  const { name, environment, minReplicas, maxReplicas } = values;
  const least = minReplicas ?? 1;
  const [made] = await tx
    .insert(deployments)
    .values({
      workspaceId: ctx.workspaceId,
      id: newId(ctx.now().getTime()),
      modelId,
      name,
      environment,
      status: "pending",
      minReplicas: least,
      maxReplicas: maxReplicas ?? least,
      createdBy: actorName(ctx.actor),
      createdAt: ctx.now(),
      updatedAt: ctx.now(),
    })
    .onConflictDoNothing()
    .returning();
  if (made) return made;
  const [existing] = await tx
    .select()
    .from(deployments)
    .where(
      and(
        eq(deployments.workspaceId, ctx.workspaceId),
        eq(deployments.name, name),
        isNull(deployments.deletedAt),
      ),
    )
    .for("update");
  if (!existing) throw new AppError("conflict", `The name ${name} was just taken. Try again.`);
  if (existing.modelId !== modelId || existing.environment !== environment) {
    const owner = existing.modelId === modelId ? existing.environment : "another model";
    throw new AppError("conflict", `A deployment named ${name} exists already for ${owner}.`, {
      issues: [{ path: "name", message: "is taken" }],
    });
  }
  const isAsBefore = minReplicas === undefined && maxReplicas === undefined;
  // What scales by itself has its bounds in the settings.
  if (isAsBefore || existing.scaledReplicas !== null) return existing;
  const min = minReplicas ?? Math.min(existing.minReplicas, maxReplicas ?? existing.minReplicas);
  const [updated] = await tx
    .update(deployments)
    .set({
      minReplicas: min,
      maxReplicas: maxReplicas ?? Math.max(existing.maxReplicas, min),
      updatedAt: ctx.now(),
    })
    .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, existing.id)))
    .returning();
  return updated ?? existing;
}
