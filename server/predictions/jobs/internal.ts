import { and, eq, getTableColumns } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { batchJobs, datasets, deployments, models, modelVersions } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import type { BatchJobStatus } from "./constants";
import type { BatchJobDto } from "./schemas";

export type BatchJobRow = typeof batchJobs.$inferSelect;
type Tenant = Pick<Context, "workspaceId">;

/** Loads a job. Throws not_found for another workspace's. `lock` holds it until the commit. */
export async function getBatchJobInWorkspace(
  tx: Transaction,
  ctx: Tenant,
  id: string,
  lock = false,
): Promise<BatchJobRow> {
  const query = tx
    .select()
    .from(batchJobs)
    .where(and(eq(batchJobs.workspaceId, ctx.workspaceId), eq(batchJobs.id, id)));
  const [row] = lock ? await query.for("update") : await query;
  if (!row) throw notFound("The batch job");
  return row;
}

/** The row of one job of the workspace. */
export const isJob = (ctx: Tenant, id: string) =>
  and(eq(batchJobs.workspaceId, ctx.workspaceId), eq(batchJobs.id, id));

const { preview: _preview, ...plain } = getTableColumns(batchJobs);
const named = {
  ...plain,
  modelName: models.name,
  versionNumber: modelVersions.number,
  datasetName: datasets.name,
  datasetVersion: datasets.version,
  deploymentName: deployments.name,
};

/** Base query of jobs with the names of what they are about. */
export const selectBatchJobs = (tx: Transaction) =>
  tx
    .select(named)
    .from(batchJobs)
    .innerJoin(
      models,
      and(eq(models.workspaceId, batchJobs.workspaceId), eq(models.id, batchJobs.modelId)),
    )
    .innerJoin(
      modelVersions,
      and(
        eq(modelVersions.workspaceId, batchJobs.workspaceId),
        eq(modelVersions.id, batchJobs.versionId),
      ),
    )
    .innerJoin(
      datasets,
      and(eq(datasets.workspaceId, batchJobs.workspaceId), eq(datasets.id, batchJobs.datasetId)),
    )
    .leftJoin(
      deployments,
      and(
        eq(deployments.workspaceId, batchJobs.workspaceId),
        eq(deployments.id, batchJobs.deploymentId),
      ),
    );

type NamedJob = Awaited<ReturnType<typeof selectBatchJobs>>[number];

/** One job as the API shows it. Throws not_found. */
export async function readBatchJob(tx: Transaction, ctx: Tenant, id: string): Promise<BatchJobDto> {
  const [row] = await selectBatchJobs(tx).where(isJob(ctx, id));
  if (!row) throw notFound("The batch job");
  return toBatchJobDto(row);
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export function toBatchJobDto(row: NamedJob): BatchJobDto {
  const { rowsTotal, rowsRead, rowsFailed, workMs } = row;
  const status = row.status as BatchJobStatus;
  const perSecond = workMs > 0 ? (rowsRead * 1000) / workMs : null;
  const isMoving = status === "running" && perSecond !== null && perSecond > 0;
  return {
    id: row.id,
    status,
    deploymentId: row.deploymentId,
    deploymentName: row.deploymentName,
    modelId: row.modelId,
    modelName: row.modelName,
    versionId: row.versionId,
    versionNumber: row.versionNumber,
    datasetId: row.datasetId,
    datasetName: row.datasetName,
    datasetVersion: row.datasetVersion,
    columns: row.columns as string[],
    probabilities: row.probabilities,
    onError: row.onError as BatchJobDto["onError"],
    maxErrors: row.maxErrors,
    rowsTotal,
    rowsRead,
    rowsDone: rowsRead - rowsFailed,
    rowsFailed,
    progress: rowsTotal === 0 ? 1 : rowsRead / rowsTotal,
    rowsPerSecond: perSecond,
    secondsLeft: isMoving ? (rowsTotal - rowsRead) / perSecond : null,
    message: status === "queued" || status === "running" ? row.message : null,
    error: row.error,
    attempt: row.attempt,
    resultBytes: row.resultBytes,
    resultExpiredAt: iso(row.resultExpiredAt),
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
  };
}
