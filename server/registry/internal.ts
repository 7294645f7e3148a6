import { and, eq, isNull, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { models, modelVersions } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import type { Framework, ModelType } from "./constants";
import type { ModelDto } from "./schemas";

export type ModelRow = typeof models.$inferSelect;

/** Loads a model by id or name. Throws not_found for another workspace's and deleted ones. */
export async function getModelInWorkspace(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  idOrName: string,
  lock = false,
): Promise<ModelRow> {
  const query = tx
    .select()
    .from(models)
    .where(
      and(
        eq(models.workspaceId, ctx.workspaceId),
        isUuid(idOrName)
          ? eq(models.id, idOrName)
          : eq(sql`lower(${models.name})`, idOrName.toLowerCase()),
        isNull(models.deletedAt),
      ),
    )
    .limit(1);
  const [row] = lock ? await query.for("update") : await query;
  if (!row) throw notFound("The model");
  return row;
}

export interface VersionCount {
  latestVersion: number | null;
  versionCount: number;
}

/** Correlated counts for lists of models. */
export const versionCounts = {
  latestVersion: sql<number | null>`(select max(${modelVersions.number}) from ${modelVersions}
    where ${modelVersions.workspaceId} = ${models.workspaceId} and ${modelVersions.modelId} = ${models.id})`,
  versionCount: sql<number>`(select count(*)::int from ${modelVersions}
    where ${modelVersions.workspaceId} = ${models.workspaceId} and ${modelVersions.modelId} = ${models.id})`,
};

export function toModelDto(row: ModelRow, counts: VersionCount): ModelDto {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    type: row.type as ModelType,
    framework: row.framework as Framework,
    features: row.features as string[] | null,
    targetVariable: row.targetVariable,
    hyperparameters: row.hyperparameters as Record<string, unknown>,
    tags: row.tags as Record<string, string>,
    card: row.card,
    ...counts,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
