import { and, desc, eq, inArray, isNull, or, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { deployments, deploymentVariants, models, modelVersions } from "@/db/schema";
import { requireGrant } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import type { DeploymentStatus, Environment, VariantRole, VariantStatus } from "./constants";
import type { DeploymentDto, VariantDto } from "./schemas";

export type DeploymentRow = typeof deployments.$inferSelect;
export type VariantRow = typeof deploymentVariants.$inferSelect & { versionNumber: number };

/** A version on its way to all traffic of a deployment. */
export interface RollOut {
  deploymentId: string;
  variantId: string;
}

type Tenant = Pick<Context, "workspaceId">;

/** Loads a deployment by id or name. Throws not_found for another workspace's and deleted ones. */
export async function getDeploymentInWorkspace(
  tx: Transaction,
  ctx: Tenant,
  idOrName: string,
  lock = false,
): Promise<DeploymentRow> {
  const query = tx
    .select()
    .from(deployments)
    .where(
      and(
        eq(deployments.workspaceId, ctx.workspaceId),
        isUuid(idOrName) ? eq(deployments.id, idOrName) : eq(deployments.name, idOrName),
        isNull(deployments.deletedAt),
      ),
    )
    .limit(1);
  const [row] = lock ? await query.for("update") : await query;
  if (!row) throw notFound("The deployment");
  return row;
}

/** Locks a deployment, deleted or not; undefined when there is none. For background steps. */
export async function lockDeployment(
  tx: Transaction,
  ctx: Tenant,
  id: string,
): Promise<DeploymentRow | undefined> {
  const [row] = await tx
    .select()
    .from(deployments)
    .where(and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, id)))
    .for("update");
  return row;
}

/** Variants of some deployments with their version numbers, newest first. */
export function variantsOf(
  tx: Transaction,
  ctx: Tenant,
  deploymentIds: string[],
  which: "all" | "relevant" = "all",
): Promise<VariantRow[]> {
  const v = deploymentVariants;
  return tx
    .select({
      workspaceId: v.workspaceId,
      id: v.id,
      deploymentId: v.deploymentId,
      versionId: v.versionId,
      name: v.name,
      role: v.role,
      weight: v.weight,
      replicaShare: v.replicaShare,
      batching: v.batching,
      status: v.status,
      createdAt: v.createdAt,
      activatedAt: v.activatedAt,
      retiredAt: v.retiredAt,
      versionNumber: modelVersions.number,
    })
    .from(v)
    .innerJoin(
      modelVersions,
      and(eq(modelVersions.workspaceId, v.workspaceId), eq(modelVersions.id, v.versionId)),
    )
    .where(
      and(
        eq(v.workspaceId, ctx.workspaceId),
        inArray(v.deploymentId, deploymentIds),
        which === "all" ? undefined : or(inArray(v.status, ["active", "loading"]), isLastRetired),
      ),
    )
    .orderBy(desc(v.createdAt), desc(v.id));
}

/** The variant a rollback would bring back. */
const isLastRetired = sql`${deploymentVariants.id} = (
  select p.id from ${deploymentVariants} p
  where p.workspace_id = ${deploymentVariants.workspaceId} and p.deployment_id = ${deploymentVariants.deploymentId}
    and p.status = 'retired' and p.activated_at is not null
    and not exists (select from ${deploymentVariants} live where live.workspace_id = p.workspace_id
      and live.deployment_id = p.deployment_id and live.status = 'active' and live.version_id = p.version_id)
  order by p.retired_at desc, p.created_at desc, p.id desc limit 1)`;

/** The same rule over rows in memory. */
export function rollbackTarget(variants: VariantRow[]): VariantRow | undefined {
  const active = variants.filter((one) => one.status === "active").map((one) => one.versionId);
  return variants
    .filter((one) => one.status === "retired" && one.activatedAt && !active.includes(one.versionId))
    .sort(
      (a, b) =>
        (b.retiredAt?.getTime() ?? 0) - (a.retiredAt?.getTime() ?? 0) ||
        b.createdAt.getTime() - a.createdAt.getTime() ||
        (b.id > a.id ? 1 : -1),
    )[0];
}

/** The active variant with the largest share; undefined where nothing answers. */
export const mainVariant = (variants: readonly VariantRow[]): VariantRow | undefined =>
  variants
    .filter((one) => one.status === "active" && one.role !== "shadow")
    .reduce<VariantRow | undefined>(
      (best, one) => (best && !isAhead(one, best) ? best : one),
      undefined,
    );

/** Of two with the same share, what was there before the candidate. */
const isAhead = (one: VariantRow, best: VariantRow): boolean =>
  one.weight > best.weight ||
  (one.weight === best.weight && best.role === "candidate" && one.role === "stable");

export async function modelNameOf(tx: Transaction, ctx: Tenant, modelId: string): Promise<string> {
  const [row] = await tx
    .select({ name: models.name })
    .from(models)
    .where(and(eq(models.workspaceId, ctx.workspaceId), eq(models.id, modelId)));
  return row?.name ?? "";
}

/** Nodes that should hold a deployment's versions now; 0 while it is idle. */
export const wantedReplicas = (row: Pick<DeploymentRow, "maxReplicas" | "scaledReplicas">) =>
  row.scaledReplicas ?? row.maxReplicas;

/** The same for a version that is about to get traffic, which an idle deployment wakes for. */
export const replicasToLoad = (row: Pick<DeploymentRow, "maxReplicas" | "scaledReplicas">) =>
  Math.max(1, wantedReplicas(row));

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export const toVariantDto = (row: VariantRow): VariantDto => ({
  id: row.id,
  name: row.name,
  versionId: row.versionId,
  versionNumber: row.versionNumber,
  weight: row.weight,
  replicaShare: row.replicaShare,
  role: row.role as VariantRole,
  status: row.status as VariantStatus,
  createdAt: row.createdAt.toISOString(),
  activatedAt: iso(row.activatedAt),
  retiredAt: iso(row.retiredAt),
});

export function toDeploymentDto(
  row: DeploymentRow,
  modelName: string,
  variants: VariantRow[],
): DeploymentDto {
  const dtoOf = (variant: VariantRow | undefined) => (variant ? toVariantDto(variant) : null);
  return {
    id: row.id,
    name: row.name,
    modelId: row.modelId,
    modelName,
    environment: row.environment as Environment,
    status: row.status as DeploymentStatus,
    error: row.error,
    minReplicas: row.minReplicas,
    maxReplicas: row.maxReplicas,
    replicas: wantedReplicas(row),
    isAutoscaled: row.scaledReplicas !== null,
    revision: row.revision,
    activeVersion: dtoOf(mainVariant(variants)),
    pendingVersion: dtoOf(variants.find((one) => one.status === "loading")),
    rollbackVersion: row.deletedAt ? null : dtoOf(rollbackTarget(variants)),
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    deletedAt: iso(row.deletedAt),
  };
}

/** Throws forbidden unless the caller may deploy this model, and to this environment. */
export async function requireDeployGrant(
  tx: Transaction,
  ctx: Context,
  { modelId, environment }: Pick<DeploymentRow, "modelId" | "environment">,
): Promise<void> {
  await requireGrant(tx, ctx, { on: { modelId }, action: "deploy" });
  await requireGrant(tx, ctx, { on: { environment }, action: "deploy" });
}
