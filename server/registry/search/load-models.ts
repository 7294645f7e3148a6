import { and, asc, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { modelAliases, modelVersions } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { ModelRow } from "../internal";
import { MLFLOW_STAGES } from "../stages/constants";
import { loadNewestOfStages } from "./load-versions";
import type { RegisteredModelDto, RegisteredVersionDto } from "./schemas";

type Tenant = Pick<Context, "workspaceId">;

/** Models with their aliases and the newest version of each of MLflow's stages, in the order given. */
export async function toRegisteredModels(
  tx: Transaction,
  ctx: Tenant,
  rows: readonly ModelRow[],
): Promise<RegisteredModelDto[]> {
  const ids = rows.map(({ id }) => id);
  const newest = Map.groupBy(await loadNewestOfStages(tx, ctx, ids), ({ modelId }) => modelId);
  const aliases = Map.groupBy(await aliasesOf(tx, ctx, ids), ({ modelId }) => modelId);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    description: row.description,
    tags: Object.entries(row.tags as Record<string, string>)
      .map(([key, value]) => ({ key, value }))
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
    aliases: (aliases.get(row.id) ?? []).map(({ alias, number }) => ({ alias, number })),
    latestVersions: newestByMlflowStage(newest.get(row.id) ?? []),
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
}

/** Several stages of ours may be one of MLflow's; `newest` begins with the greatest number. */
export const newestByMlflowStage = (
  newest: readonly RegisteredVersionDto[],
): RegisteredVersionDto[] =>
  MLFLOW_STAGES.flatMap((stage) => newest.find(({ mlflowStage }) => mlflowStage === stage) ?? []);

async function aliasesOf(tx: Transaction, ctx: Tenant, modelIds: string[]) {
  if (modelIds.length === 0) return [];
  return tx
    .select({
      modelId: modelAliases.modelId,
      alias: modelAliases.alias,
      number: modelVersions.number,
    })
    .from(modelAliases)
    .innerJoin(
      modelVersions,
      and(
        eq(modelVersions.workspaceId, modelAliases.workspaceId),
        eq(modelVersions.id, modelAliases.versionId),
      ),
    )
    .where(
      and(eq(modelAliases.workspaceId, ctx.workspaceId), inArray(modelAliases.modelId, modelIds)),
    )
    .orderBy(asc(modelAliases.alias));
}
