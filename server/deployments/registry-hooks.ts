import { and, eq, isNull, ne } from "drizzle-orm";
import { deployments, deploymentVariants } from "@/db/schema";
import { AppError } from "@/server/kernel/errors";
import { lineageSources, modelDeletionGuards, versionDeletionGuards } from "@/server/registry";
import { servingVersions } from "./serving-versions";

/** A model that is deployed is kept. */
modelDeletionGuards.push(async (tx, ctx, model) => {
  const rows = await tx
    .select({ name: deployments.name })
    .from(deployments)
    .where(
      and(
        eq(deployments.workspaceId, ctx.workspaceId),
        eq(deployments.modelId, model.id),
        isNull(deployments.deletedAt),
      ),
    )
    .limit(5);
  if (rows.length === 0) return;
  const names = rows.map((row) => row.name).join(", ");
  throw new AppError("conflict", `The model is deployed as ${names}. Delete the deployment first.`);
});

/** A version that takes traffic, or is about to, is kept. */
versionDeletionGuards.push(async (tx, ctx, version) => {
  const rows = await servingVersions(tx, ctx, [version.id]).limit(5);
  if (rows.length === 0) return;
  const names = rows.map((row) => row.name).join(", ");
  throw new AppError("conflict", `The version is served by ${names}. Deploy another one first.`);
});

/** Deployments that serve a version, or did. */
lineageSources.push(async (tx, ctx, version) => {
  const rows = await tx
    .selectDistinct({
      id: deployments.id,
      name: deployments.name,
      environment: deployments.environment,
      variantStatus: deploymentVariants.status,
    })
    .from(deploymentVariants)
    .innerJoin(
      deployments,
      and(
        eq(deployments.workspaceId, deploymentVariants.workspaceId),
        eq(deployments.id, deploymentVariants.deploymentId),
      ),
    )
    .where(
      and(
        eq(deploymentVariants.workspaceId, ctx.workspaceId),
        eq(deploymentVariants.versionId, version.id),
        ne(deploymentVariants.status, "failed"),
        isNull(deployments.deletedAt),
      ),
    );
  const serving = new Set(
    rows.filter((row) => row.variantStatus === "active").map((row) => row.id),
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return {
    nodes: [...found.values()].map((row) => ({
      id: row.id,
      kind: "deployment" as const,
      label: row.name,
      detail: row.environment,
    })),
    edges: [...found.keys()].map((id) => ({
      from: version.id,
      to: id,
      label: serving.has(id) ? "serves" : "served",
    })),
  };
});
