import { and, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { models, modelVersions } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { loadStages } from "../stages/internal";
import { toMlflowStage } from "../stages/mlflow-stages";
import type { RegisteredVersionDto } from "./schemas";

type Tenant = Pick<Context, "workspaceId">;

const v = modelVersions;

const tags = sql<{ key: string; value: string }[]>`(
  select coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key), '[]')
  from model_version_tags t where t.workspace_id = ${v.workspaceId} and t.version_id = ${v.id})`;

const aliases = sql<string[]>`(
  select coalesce(json_agg(a.alias order by a.alias), '[]')
  from model_aliases a where a.workspace_id = ${v.workspaceId} and a.version_id = ${v.id})`;

/** The run as the client named it, else the id of ours without dashes. */
export const versionRun = sql<
  string | null
>`coalesce(${v.sourceRun}, replace(${v.runId}::text, '-', ''))`;

/** Versions that are not deleted, of models that are not either. */
export function selectVersions(
  tx: Transaction,
  ctx: Tenant,
  query: { where: SQL | undefined; orderBy?: SQL[]; limit?: number },
) {
  const selected = tx
    .select({
      id: v.id,
      modelId: v.modelId,
      modelName: models.name,
      number: v.number,
      description: v.description,
      stage: v.stage,
      source: v.source,
      location: v.sourceLocation,
      run: versionRun,
      runLink: v.runLink,
      loggedModelId: v.sourceModelId,
      tags,
      aliases,
      createdBy: v.createdBy,
      createdAt: v.createdAt,
      updatedAt: v.updatedAt,
    })
    .from(v)
    .innerJoin(models, and(eq(models.workspaceId, v.workspaceId), eq(models.id, v.modelId)))
    .where(
      and(
        eq(v.workspaceId, ctx.workspaceId),
        isNull(v.deletedAt),
        isNull(models.deletedAt),
        query.where,
      ),
    )
    .orderBy(...(query.orderBy ?? []))
    .$dynamic();
  return query.limit === undefined ? selected : selected.limit(query.limit);
}

export type VersionListRow = Awaited<ReturnType<typeof selectVersions>>[number];

/** Turns rows into what is answered; the stages are read once. */
export async function toRegisteredVersions(
  tx: Transaction,
  ctx: Tenant,
  rows: readonly VersionListRow[],
): Promise<RegisteredVersionDto[]> {
  const stages = rows.length > 0 ? await loadStages(tx, ctx) : [];
  return rows.map((row) => ({
    ...row,
    mlflowStage: toMlflowStage(stages, row.stage),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
}

/** One version by its id. Throws not_found. */
export async function loadRegisteredVersion(
  tx: Transaction,
  ctx: Tenant,
  versionId: string,
): Promise<RegisteredVersionDto> {
  const rows = await selectVersions(tx, ctx, { where: eq(v.id, versionId) });
  const [dto] = await toRegisteredVersions(tx, ctx, rows);
  if (!dto) throw notFound("The version");
  return dto;
}

/** The newest version of every stage of some models. */
export async function loadNewestOfStages(
  tx: Transaction,
  ctx: Tenant,
  modelIds: string[],
): Promise<RegisteredVersionDto[]> {
  if (modelIds.length === 0) return [];
  const newest = tx
    .selectDistinctOn([v.modelId, v.stage], { id: v.id })
    .from(v)
    .where(
      and(eq(v.workspaceId, ctx.workspaceId), inArray(v.modelId, modelIds), isNull(v.deletedAt)),
    )
    .orderBy(v.modelId, v.stage, sql`${v.number} desc`);
  const ids = (await newest).map(({ id }) => id);
  if (ids.length === 0) return [];
  const rows = await selectVersions(tx, ctx, {
    where: sql`${v.id} = any(${sql.param(ids)}::uuid[])`,
    orderBy: [sql`${v.number} desc`],
  });
  return toRegisteredVersions(tx, ctx, rows);
}
