import { and, asc, count, eq, isNull, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { models, modelVersions, stages } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { invalid, notFound } from "@/server/kernel/errors";
import { DEFAULT_STAGES } from "./default-stages";
import type { Stage, StageDto } from "./schemas";
import { firstStage, stageIssues } from "./stage-rules";

type Tenant = Pick<Context, "workspaceId">;

/**
 * Versions move under the shared lock, stages change under the exclusive one, so that no version
 * ends in a stage that was deleted while it moved. Held to the end of the transaction.
 */
export async function lockStages(
  tx: Transaction,
  ctx: Tenant,
  mode: "shared" | "exclusive",
): Promise<void> {
  const key = sql`hashtextextended(${`stages:${ctx.workspaceId}`}, 0)`;
  await tx.execute(
    mode === "shared"
      ? sql`select pg_advisory_xact_lock_shared(${key})`
      : sql`select pg_advisory_xact_lock(${key})`,
  );
}

/** The workspace's stages from left to right; the default ones until it made its own. */
export async function loadStages(tx: Transaction, ctx: Tenant): Promise<Stage[]> {
  const rows = await tx
    .select()
    .from(stages)
    .where(eq(stages.workspaceId, ctx.workspaceId))
    .orderBy(asc(stages.position), asc(stages.key));
  return rows.length === 0 ? [...DEFAULT_STAGES] : rows.map(toStage);
}

const toStage = (row: typeof stages.$inferSelect): Stage => ({
  key: row.key,
  name: row.name,
  description: row.description,
  color: row.color as Stage["color"],
  serving: row.serving,
  needsApproval: row.needsApproval,
  reviewers: row.reviewers as Stage["reviewers"],
  gates: row.gates as Stage["gates"],
  archivesPrevious: row.archivesPrevious,
  mlflowStage: row.mlflowStage as Stage["mlflowStage"],
  requestDays: row.requestDays,
});

/** One of the workspace's stages. Throws not_found. */
export function requireStage(all: readonly Stage[], key: string): Stage {
  const stage = all.find((one) => one.key === key);
  if (!stage) throw notFound("The stage");
  return stage;
}

/** The key of the stage a new version begins in; the stages stay as they are until it is there. */
export async function initialStage(tx: Transaction, ctx: Tenant): Promise<string> {
  await lockStages(tx, ctx, "shared");
  return firstStage(await loadStages(tx, ctx))?.key ?? "development";
}

/** Writes all stages in the order given. Throws validation_failed when they do not fit together. */
export async function saveStages(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  all: readonly Stage[],
): Promise<void> {
  const issues = stageIssues(all);
  if (issues[0]) throw invalid(`The stages cannot be so: ${issues[0].message}.`, issues);
  // Two names may swap places, which rows written one by one would not survive.
  await tx.delete(stages).where(eq(stages.workspaceId, ctx.workspaceId));
  await tx.insert(stages).values(
    all.map((stage, position) => ({
      ...stage,
      position,
      workspaceId: ctx.workspaceId,
      updatedAt: ctx.now(),
    })),
  );
}

/** How many versions each stage holds, by key; deleted ones and those of deleted models do not count. */
export async function countByStage(tx: Transaction, ctx: Tenant): Promise<Map<string, number>> {
  const rows = await tx
    .select({ stage: modelVersions.stage, versions: count() })
    .from(modelVersions)
    .innerJoin(
      models,
      and(
        eq(models.workspaceId, modelVersions.workspaceId),
        eq(models.id, modelVersions.modelId),
        isNull(models.deletedAt),
      ),
    )
    .where(and(eq(modelVersions.workspaceId, ctx.workspaceId), isNull(modelVersions.deletedAt)))
    .groupBy(modelVersions.stage);
  return new Map(rows.map(({ stage, versions }) => [stage, versions]));
}

export const toStageDto = (stage: Stage, counts: ReadonlyMap<string, number>): StageDto => ({
  ...stage,
  versionCount: counts.get(stage.key) ?? 0,
});
