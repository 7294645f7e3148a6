import { and, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { datasets, models, modelVersions, runLatestMetrics, trainingJobs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { isFinished, type JobStatus } from "./constants";
import type { JobDto } from "./schemas";

export type JobRow = typeof trainingJobs.$inferSelect;

/** Loads a job. Throws not_found for another workspace's. `lock` holds it until the commit. */
export async function getJobInWorkspace(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  id: string,
  lock = false,
): Promise<JobRow> {
  const query = tx
    .select()
    .from(trainingJobs)
    .where(and(eq(trainingJobs.workspaceId, ctx.workspaceId), eq(trainingJobs.id, id)));
  const [row] = lock ? await query.for("update") : await query;
  if (!row) throw notFound("The training job");
  return row;
}

/** A job with the names people know its parts by. */
export const jobColumns = {
  ...getTableColumns(trainingJobs),
  modelName: models.name,
  datasetName: datasets.name,
  datasetVersion: datasets.version,
  versionNumber: modelVersions.number,
};
export type NamedJob = JobRow & {
  modelName: string;
  datasetName: string;
  datasetVersion: number;
  versionNumber: number | null;
};

/** Base query of jobs with their names. */
export const selectJobs = (tx: Transaction) =>
  tx
    .select(jobColumns)
    .from(trainingJobs)
    .innerJoin(
      models,
      and(eq(models.workspaceId, trainingJobs.workspaceId), eq(models.id, trainingJobs.modelId)),
    )
    .innerJoin(
      datasets,
      and(
        eq(datasets.workspaceId, trainingJobs.workspaceId),
        eq(datasets.id, trainingJobs.datasetId),
      ),
    )
    .leftJoin(
      modelVersions,
      and(
        eq(modelVersions.workspaceId, trainingJobs.workspaceId),
        eq(modelVersions.id, trainingJobs.versionId),
      ),
    );

export type Metrics = Record<string, number | null>;

/** Newest value of each metric, by run id. */
export async function latestMetrics(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  runIds: string[],
): Promise<Map<string, Metrics>> {
  const found = new Map<string, Metrics>();
  if (runIds.length === 0) return found;
  const rows = await tx
    .select({
      runId: runLatestMetrics.runId,
      key: runLatestMetrics.key,
      value: sql<
        number | null
      >`case when ${runLatestMetrics.isNan} then null else ${runLatestMetrics.value} end`,
    })
    .from(runLatestMetrics)
    .where(
      and(
        eq(runLatestMetrics.workspaceId, ctx.workspaceId),
        inArray(runLatestMetrics.runId, runIds),
      ),
    );
  for (const { runId, key, value } of rows) {
    const metrics = found.get(runId) ?? {};
    metrics[key] = value;
    found.set(runId, metrics);
  }
  return found;
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export function toJobDto(row: NamedJob, metrics: Metrics | undefined, now: Date): JobDto {
  const end = row.finishedAt ?? now;
  return {
    id: row.id,
    modelId: row.modelId,
    modelName: row.modelName,
    datasetId: row.datasetId,
    datasetName: row.datasetName,
    datasetVersion: row.datasetVersion,
    runId: row.runId,
    versionId: row.versionId,
    versionNumber: row.versionNumber,
    algorithm: row.algorithm,
    task: row.task,
    target: row.target,
    hyperparameters: row.hyperparameters as Record<string, unknown>,
    validationSplit: row.validationSplit,
    testSplit: row.testSplit,
    seed: row.seed,
    version: row.versionLabel,
    description: row.description,
    priority: row.priority,
    status: row.status as JobStatus,
    progress: row.status === "completed" ? 1 : row.progress,
    message: isFinished(row.status) ? null : row.message,
    error: row.error,
    metrics: metrics ?? {},
    attempt: row.attempt,
    cancelRequested: row.cancelRequestedAt !== null,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    durationSeconds: row.startedAt
      ? Math.max(0, (end.getTime() - row.startedAt.getTime()) / 1000)
      : null,
  };
}
