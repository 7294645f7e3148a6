import { openDatasetContent } from "@/server/datasets";
import type { Context } from "@/server/kernel/context";
import type { TrainingTask } from "../backends/backend";
import type { JobRow } from "../internal";
import { createRunKey } from "../run-key";

/** Beyond the time limit, for the last uploads, milliseconds. */
const KEY_MARGIN_MS = 15 * 60 * 1000;

export interface TaskSettings {
  trackingUrl: string;
  timeLimitMs: number;
  logBytesMax: number;
}

export interface TrainedDataset {
  name: string;
  version: number;
  sha256: string;
  format: string;
  /** What separates the fields of a CSV; null for Parquet. */
  delimiter: string | null;
}

/** Everything a backend needs to start a job's present attempt. */
export function buildTask(
  ctx: Context,
  job: JobRow,
  dataset: TrainedDataset,
  settings: TaskSettings,
): TrainingTask {
  return {
    jobId: job.id,
    attempt: job.attempt,
    spec: {
      jobId: job.id,
      algorithm: job.algorithm,
      task: job.task,
      target: job.target,
      features: job.features as string[] | null,
      hyperparameters: job.hyperparameters as Record<string, unknown>,
      validationSplit: job.validationSplit,
      testSplit: job.testSplit,
      seed: job.seed,
      datasetName: `${dataset.name} v${dataset.version}`,
    },
    dataset: {
      sha256: dataset.sha256,
      format: dataset.format,
      delimiter: dataset.delimiter,
      open: async () => (await openDatasetContent(ctx, { datasetId: job.datasetId })).stream,
    },
    environment: async () => ({
      MLFLOW_TRACKING_URI: settings.trackingUrl,
      MLFLOW_TRACKING_TOKEN: await createRunKey(
        ctx,
        job,
        job.attempt,
        settings.timeLimitMs + KEY_MARGIN_MS,
      ),
      MLFLOW_RUN_ID: job.runId.replaceAll("-", ""),
    }),
    timeLimitMs: settings.timeLimitMs,
    logBytesMax: settings.logBytesMax,
  };
}
