import { and, desc, eq, exists, isNull, ne, type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { modelAliases, models, modelVersions } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import { isUuid } from "@/server/kernel/ids";
import type { Framework, ModelType } from "./constants";
import type { ModelDto, VersionDto, VersionSummary } from "./schemas";

export type ModelRow = typeof models.$inferSelect;
export type VersionRow = typeof modelVersions.$inferSelect;

/** Names that differ in case or in the form of their characters only are one name. */
export const isNamed = (name: string) =>
  eq(sql`lower(${models.name})`, sql`lower(${name.normalize("NFKC")})`);

/**
 * Throws conflict when a live model has the name; whoever asks next waits for this transaction.
 * `matches` is what counts as the same name: any case, unless told otherwise.
 */
export async function requireFreeName(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  name: string,
  { exceptId, matches = isNamed(name) }: { exceptId?: string; matches?: SQL } = {},
): Promise<void> {
  const key = `model:${ctx.workspaceId}:${name}`;
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(lower(${key}), 0))`);
  const [taken] = await tx
    .select({ id: models.id })
    .from(models)
    .where(
      and(
        eq(models.workspaceId, ctx.workspaceId),
        matches,
        isNull(models.deletedAt),
        exceptId ? ne(models.id, exceptId) : undefined,
      ),
    );
  if (!taken) return;
  throw new AppError("conflict", `A model named ${name} exists already.`, {
    issues: [{ path: "name", message: "is taken" }],
  });
}

/** Before a name in a reference: this very name, even one that looks like an id. */
export const EXACT_NAME = "name:";

function modelMatch(ref: string) {
  if (isUuid(ref)) return eq(models.id, ref);
  if (ref.startsWith(EXACT_NAME)) return eq(models.name, ref.slice(EXACT_NAME.length));
  return isNamed(ref);
}

/**
 * Loads a model by id or name; of names that differ in case only, the one written so comes first.
 * Throws not_found for another workspace's and deleted ones.
 */
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
      and(eq(models.workspaceId, ctx.workspaceId), modelMatch(idOrName), isNull(models.deletedAt)),
    )
    .orderBy(desc(eq(models.name, idOrName)), models.createdAt)
    .limit(1);
  const [row] = lock ? await query.for("update") : await query;
  if (!row) throw notFound("The model");
  return row;
}

export interface VersionCount {
  latestVersion: number | null;
  versionCount: number;
}

const ofThisModel = sql`from model_versions v
  where v.workspace_id = models.workspace_id and v.model_id = models.id and v.deleted_at is null`;

/** Correlated counts of each model read; written out, for Drizzle drops table names in columns. */
export const versionCounts = {
  latestVersion: sql<number | null>`(select max(v.number) ${ofThisModel})`,
  versionCount: sql<number>`(select count(*)::int ${ofThisModel})`,
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

/** Reads the counts of one model. */
export async function countVersions(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  modelId: string,
): Promise<VersionCount> {
  const [counts] = await tx
    .select(versionCounts)
    .from(models)
    .where(and(eq(models.workspaceId, ctx.workspaceId), eq(models.id, modelId)));
  return counts ?? { latestVersion: null, versionCount: 0 };
}

/** The largest number a version can have; PostgreSQL's integer. */
const NUMBER_MAX = 2_147_483_647;

/** The version an alias of its model points to. */
const isAliased = (tx: Transaction, alias: string) =>
  exists(
    tx
      .select({ one: sql`1` })
      .from(modelAliases)
      .where(
        and(
          eq(modelAliases.workspaceId, modelVersions.workspaceId),
          eq(modelAliases.modelId, modelVersions.modelId),
          eq(modelAliases.versionId, modelVersions.id),
          eq(modelAliases.alias, alias),
        ),
      ),
  );

/** Loads a version of a model by number, id, `latest` or `@alias`. Throws not_found. */
export async function getVersionInWorkspace(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  model: ModelRow,
  version: string,
): Promise<VersionRow> {
  const ofModel = and(
    eq(modelVersions.workspaceId, ctx.workspaceId),
    eq(modelVersions.modelId, model.id),
    isNull(modelVersions.deletedAt),
  );
  const alias = version.startsWith("@") ? version.slice(1) : undefined;
  const number = /^\d{1,10}$/.test(version) ? Number(version) : undefined;
  const known =
    version === "latest" || alias || isUuid(version) || (number ?? NUMBER_MAX + 1) <= NUMBER_MAX;
  if (!known) throw notFound("The version");
  const [row] = await tx
    .select()
    .from(modelVersions)
    .where(
      and(
        ofModel,
        isUuid(version) ? eq(modelVersions.id, version) : undefined,
        number === undefined ? undefined : eq(modelVersions.number, number),
        alias === undefined ? undefined : isAliased(tx, alias),
      ),
    )
    .orderBy(desc(modelVersions.number))
    .limit(1);
  if (!row) throw notFound("The version");
  return row;
}

type SummaryRow = Omit<
  VersionRow,
  "workspaceId" | "signature" | "signatureRevision" | "inputExample" | "environment"
>;

export function toVersionSummary(row: SummaryRow, modelName: string): VersionSummary {
  return {
    id: row.id,
    modelId: row.modelId,
    modelName,
    number: row.number,
    label: row.label,
    semanticVersion: row.semanticVersion,
    description: row.description,
    parentVersionId: row.parentVersionId,
    runId: row.runId,
    datasetId: row.datasetId,
    datasetSha256: row.datasetSha256,
    trainingJobId: row.trainingJobId,
    algorithm: row.algorithm,
    task: row.task,
    hyperparameters: row.hyperparameters as VersionSummary["hyperparameters"],
    metrics: row.metrics as VersionSummary["metrics"],
    parity: row.parity as VersionSummary["parity"],
    seed: row.seed,
    durationSeconds: row.durationSeconds,
    stage: row.stage,
    source: row.source,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export const toVersionDto = (row: VersionRow, modelName: string): VersionDto => ({
  ...toVersionSummary(row, modelName),
  signature: row.signature as VersionDto["signature"],
  signatureRevision: row.signatureRevision,
  inputExample: row.inputExample,
  environment: row.environment as VersionDto["environment"],
});
