import { LIMITS, RUN_NAME_TAG } from "../constants";
import { logBatch } from "../log-batch";
import { logInputs } from "../log-inputs";
import { logOutputs } from "../log-outputs";
import { toStoredPoint } from "../metric-points";
import { copyFiles } from "./copy-files";
import type { ImportJob } from "./import-job";
import { beginRunImport, finishRunImport, type RunImportState } from "./import-run";
import { readHistory } from "./read-source";
import type { SourceRun } from "./source-schemas";

/** Makes the run's row, under which its data come. Throws when its experiment is not among those imported. */
export async function beginRun(job: ImportJob, { info, data }: SourceRun): Promise<RunImportState> {
  const experiment = job.experiments.get(info.experiment_id);
  if (!experiment) throw new Error(`its experiment ${info.experiment_id} is not imported`);
  if (experiment.isDeleted) return "whole";
  const named = data.tags.find(({ key }) => key === RUN_NAME_TAG)?.value;
  return beginRunImport(job.ctx, {
    id: info.run_id,
    experimentId: experiment.id,
    name: info.run_name || named || "",
    userName: info.user_id,
    startTime: info.start_time,
  });
}

/** Copies one run whole: its data first, its status last. `isDeleted` is left to its experiment when that is deleted. */
export async function copyRun(
  job: ImportJob,
  run: SourceRun,
  experiment: { isDeletedThere: boolean },
): Promise<void> {
  const { ctx, counts, source } = job;
  const { info, data } = run;
  counts.runs += 1;
  counts.params += data.params.length;
  counts.metrics += data.metrics.length;
  if ((await beginRun(job, run)) === "whole") return;
  const runId = info.run_id;
  for (const params of chunks(data.params, LIMITS.batchParams)) {
    await logBatch(ctx, { runId, params });
  }
  for (const tags of chunks(data.tags, LIMITS.batchTags)) await logBatch(ctx, { runId, tags });
  let points = 0;
  for (const { key } of data.metrics) points += await copyHistory(job, runId, key);
  await copyLinks(job, run);
  const owner = { kind: "run" as const, id: runId, artifactUri: info.artifact_uri };
  const artifacts = await copyFiles(job, owner);
  await finishRunImport(ctx, {
    id: runId,
    status: info.status,
    endTime: info.end_time ?? null,
    isDeleted: info.lifecycle_stage === "deleted" && !experiment.isDeletedThere,
    from: source.base,
    sent: { params: data.params.length, metrics: data.metrics.length, points, artifacts },
  });
  counts.runsCopied += 1;
}

/** Answers how many distinct points the series has; pages may meet in one, but not repeat each other. */
async function copyHistory(job: ImportJob, runId: string, key: string): Promise<number> {
  let distinct = 0;
  for await (const page of readHistory(job.source, runId, key)) {
    const metrics = page.map((point) => ({ ...point, key }));
    distinct += new Set(metrics.map(placeOf)).size;
    for (const batch of chunks(metrics, LIMITS.batchMetrics)) {
      await logBatch(job.ctx, { runId, metrics: batch });
      job.counts.points += batch.length;
    }
  }
  return distinct;
}

function placeOf(point: Parameters<typeof toStoredPoint>[0]): string {
  const { step, timestamp, value, isNan } = toStoredPoint(point);
  return `${step} ${timestamp} ${value} ${isNan}`;
}

/** Datasets and models that the run read, and models that it made. */
async function copyLinks({ ctx }: ImportJob, { info, inputs, outputs }: SourceRun): Promise<void> {
  const runId = info.run_id;
  const datasets = (inputs?.dataset_inputs ?? []).map(({ dataset, tags }) => ({
    name: dataset.name,
    digest: dataset.digest,
    sourceType: dataset.source_type,
    source: dataset.source,
    schema: dataset.schema ?? null,
    profile: dataset.profile ?? null,
    tags,
  }));
  for (const part of chunks(datasets, LIMITS.datasetsPerBatch)) {
    await logInputs(ctx, { runId, datasets: part });
  }
  const modelIds = (inputs?.model_inputs ?? []).map((model) => model.model_id);
  for (const part of chunks(modelIds, LIMITS.batchEntries)) {
    await logInputs(ctx, { runId, modelIds: part });
  }
  const models = (outputs?.model_outputs ?? []).map(({ model_id, step }) => ({
    modelId: model_id,
    step,
  }));
  for (const part of chunks(models, LIMITS.batchEntries)) {
    await logOutputs(ctx, { runId, models: part });
  }
}

export function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
