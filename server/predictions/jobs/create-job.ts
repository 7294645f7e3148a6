import { and, count, eq } from "drizzle-orm";
import type { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { batchJobs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { type DatasetColumn, type DatasetRow, getDatasetInWorkspace } from "@/server/datasets";
import { servedVersion } from "@/server/deployments";
import { actorName } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { getModelInWorkspace, getVersionInWorkspace } from "@/server/registry";
import { QUEUED_MAX } from "./constants";
import { readBatchJob } from "./internal";
import { readingOf } from "./reading";
import { requestRun } from "./request-run";
import { type BatchJobDto, createBatchJobInput } from "./schemas";
import { toleratedErrors } from "./tolerated-errors";

type Input = z.output<typeof createBatchJobInput>;

/**
 * Queues the predictions of a version for every row of a dataset. The version is chosen now: of a
 * deployment the one with the largest share. What can be known to fail is refused here: throws
 * not_found, conflict for a version that no node can run, validation_failed for a dataset that lacks
 * a column.
 */
export async function createBatchJob(
  ctx: Context,
  input: z.input<typeof createBatchJobInput>,
): Promise<BatchJobDto> {
  requirePermission(ctx, "predictions:create");
  requirePermission(ctx, "datasets:read");
  const values = createBatchJobInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const target = await targetOf(tx, ctx, values);
    const dataset = await getDatasetInWorkspace(tx, ctx, values.dataset);
    await readingOf(tx, ctx, { versionId: target.versionId, dataset });
    await requireRoom(tx, ctx);
    const { probabilities, onError } = values;
    const row = {
      ...target,
      ...{ probabilities, onError, maxErrors: toleratedErrors(values, dataset.rows) },
      workspaceId: ctx.workspaceId,
      id: newId(ctx.now().getTime()),
      datasetId: dataset.id,
      columns: repeated(dataset, values.columns),
      status: "queued",
      rowsTotal: dataset.rows,
      createdBy: actorName(ctx.actor),
      createdAt: ctx.now(),
    };
    await tx.insert(batchJobs).values(row);
    await recordAudit(tx, ctx, {
      action: "batch_job.created",
      subjectType: "batch_job",
      subjectId: row.id,
      after: row,
    });
    await requestRun(tx, ctx, { id: row.id, attempt: 1 });
    await announceChange(tx, ctx, "predictions", row.id);
    return readBatchJob(tx, ctx, row.id);
  });
}

interface Chosen {
  deploymentId: string | null;
  modelId: string;
  versionId: string;
}

async function targetOf(tx: Transaction, ctx: Context, values: Input): Promise<Chosen> {
  if ("deployment" in values) return servedVersion(tx, ctx, values.deployment);
  const model = await getModelInWorkspace(tx, ctx, values.model);
  const version = await getVersionInWorkspace(tx, ctx, model, values.version);
  return { deploymentId: null, modelId: model.id, versionId: version.id };
}

async function requireRoom(tx: Transaction, ctx: Context): Promise<void> {
  const [queued] = await tx
    .select({ jobs: count() })
    .from(batchJobs)
    .where(and(eq(batchJobs.workspaceId, ctx.workspaceId), eq(batchJobs.status, "queued")));
  if ((queued?.jobs ?? 0) < QUEUED_MAX) return;
  throw new AppError("conflict", `${QUEUED_MAX} batch jobs wait already. Cancel some of them.`);
}

/** The columns a result repeats, in the order of the dataset. */
function repeated(dataset: DatasetRow, wanted: Input["columns"]): string[] {
  const names = (dataset.columns as DatasetColumn[]).map(({ name }) => name);
  if (wanted === "all") return names;
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const message = `names ${unknown}, which is no column of the dataset`;
    throw invalid(`columns ${message}.`, [{ path: "columns", message }]);
  }
  return names.filter((name) => wanted.includes(name));
}
