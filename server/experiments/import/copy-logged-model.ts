import { LIMITS, LOGGED_MODEL_STATUSES } from "../constants";
import { logBatch } from "../log-batch";
import { copyFiles } from "./copy-files";
import { beginRun, chunks } from "./copy-run";
import type { ImportJob } from "./import-job";
import { beginLoggedModelImport, finishLoggedModelImport } from "./import-logged-model";
import { readRun } from "./read-source";
import type { SourceLoggedModel } from "./source-schemas";

/** Copies one logged model whole. The runs it names are begun, so that it can point at them. */
export async function copyLoggedModel(job: ImportJob, model: SourceLoggedModel): Promise<void> {
  const { ctx, counts, source } = job;
  const { info, data } = model;
  counts.loggedModels += 1;
  const experiment = job.experiments.get(info.experiment_id);
  if (!experiment || experiment.isDeleted) return;
  const sourceRunId = info.source_run_id && (await reachRun(job, info.source_run_id));
  const state = await beginLoggedModelImport(ctx, {
    id: info.model_id,
    experimentId: experiment.id,
    sourceRunId: sourceRunId || null,
    name: info.name,
    modelType: info.model_type,
    params: data.params,
    tags: info.tags,
    createdAtMs: info.creation_timestamp_ms,
  });
  if (state === "whole") return;
  await copyFiles(job, { kind: "model", id: info.model_id, artifactUri: info.artifact_uri });
  await copyMetrics(job, model);
  await finishLoggedModelImport(ctx, {
    id: info.model_id,
    status: statusOf(info.status),
    updatedAtMs: info.last_updated_timestamp_ms,
    from: source.base,
  });
}

/** The run's id when it is here or could be begun; empty when the other server has it no more. */
async function reachRun(job: ImportJob, id: string): Promise<string> {
  const run = await readRun(job.source, id);
  if (!run) return "";
  await beginRun(job, run);
  return id;
}

async function copyMetrics(job: ImportJob, { info, data }: SourceLoggedModel): Promise<void> {
  const byRun = Map.groupBy(data.metrics, (metric) => metric.run_id || info.source_run_id);
  for (const [runId, metrics] of byRun) {
    if (!runId || !(await reachRun(job, runId))) continue;
    const points = metrics.map(({ dataset_name, dataset_digest, key, value, timestamp, step }) => ({
      key,
      value,
      timestamp,
      step,
      modelId: info.model_id,
      datasetName: dataset_name,
      datasetDigest: dataset_digest,
    }));
    for (const modelMetrics of chunks(points, LIMITS.batchMetrics)) {
      await logBatch(job.ctx, { runId, modelMetrics });
    }
  }
}

/** By name, as proto JSON writes it, or with the longer name of older servers. */
function statusOf(status: unknown) {
  const number = typeof status === "number" ? status - 1 : -1;
  return (
    LOGGED_MODEL_STATUSES[number] ??
    LOGGED_MODEL_STATUSES.find((known) => known === status || known.endsWith(`_${status}`)) ??
    "LOGGED_MODEL_READY"
  );
}
