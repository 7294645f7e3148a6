import type { LoggedModelDto } from "@/server/experiments";
import type {
  ArtifactListDto,
  Entry,
  ExperimentDto,
  MetricDto,
  RunDetailDto,
  RunDto,
} from "@/server/experiments/schemas";

const ms = (iso: string): number => Date.parse(iso);
const stage = (deletedAt: string | null): string => (deletedAt ? "deleted" : "active");

/** A UUID as MLflow writes ids: 32 hex digits. */
export const hexId = (uuid: string): string => uuid.replaceAll("-", "");
export const modelHexId = (uuid: string): string => `m-${hexId(uuid)}`;

/** Where clients put an experiment's files; resolved against the server they talk to. */
const experimentUri = (number: number): string => `mlflow-artifacts:/${number}`;

export const runArtifactUri = (run: Pick<RunDto, "id" | "experimentNumber">): string =>
  `${experimentUri(run.experimentNumber)}/${hexId(run.id)}/artifacts`;

export const modelArtifactUri = (model: Pick<LoggedModelDto, "id" | "experimentNumber">): string =>
  `${experimentUri(model.experimentNumber)}/models/${modelHexId(model.id)}/artifacts`;

export const toWireExperiment = (experiment: Omit<ExperimentDto, "runCount" | "lastRunAt">) => ({
  experiment_id: String(experiment.number),
  name: experiment.name,
  artifact_location: experimentUri(experiment.number),
  lifecycle_stage: stage(experiment.deletedAt),
  last_update_time: ms(experiment.updatedAt),
  creation_time: ms(experiment.createdAt),
  ...listed("tags", experiment.tags),
});

/** Proto JSON leaves empty lists out. */
export const listed = <K extends string, T>(name: K, items: T[]): Partial<Record<K, T[]>> =>
  (items.length > 0 ? { [name]: items } : {}) as Partial<Record<K, T[]>>;

export const toWireMetric = (metric: MetricDto) => ({
  key: metric.key,
  // Proto JSON writes what JSON numbers cannot hold as text.
  value: metric.value ?? "NaN",
  timestamp: jsonNumber(metric.timestamp, metric.exactTimestamp),
  step: jsonNumber(metric.step, metric.exactStep),
});

/** What JSON.stringify writes as it is. */
const { rawJSON } = JSON as typeof JSON & { rawJSON: (text: string) => object };

/** A number in these digits, which a double may not hold. */
export const rawNumber = (digits: string): object => rawJSON(digits);

/** `digits`, where given, say what the number does not hold. */
const jsonNumber = (number: number, digits: string | undefined): number | object =>
  digits === undefined ? number : rawNumber(digits);

export const toWireRunInfo = (run: RunDto) => ({
  run_id: hexId(run.id),
  run_uuid: hexId(run.id),
  run_name: run.name,
  experiment_id: String(run.experimentNumber),
  user_id: run.userName,
  status: run.status,
  start_time: ms(run.startTime),
  ...(run.endTime ? { end_time: ms(run.endTime) } : {}),
  artifact_uri: runArtifactUri(run),
  lifecycle_stage: stage(run.deletedAt),
});

export const toWireRun = (run: RunDto) => ({
  info: toWireRunInfo(run),
  data: {
    ...listed("metrics", run.metrics.map(toWireMetric)),
    ...listed("params", run.params),
    ...listed("tags", run.tags),
  },
  inputs: {},
});

/** A run with what it read and made. */
export function toWireRunDetail(
  run: RunDto & Pick<RunDetailDto, "inputs" | "modelInputs" | "modelOutputs">,
) {
  const outputs = run.modelOutputs.map(({ modelId, step }) => ({
    model_id: modelHexId(modelId),
    step,
  }));
  return {
    ...toWireRun(run),
    inputs: {
      ...listed("dataset_inputs", run.inputs.map(toWireInput)),
      ...listed(
        "model_inputs",
        run.modelInputs.map(({ modelId }) => ({ model_id: modelHexId(modelId) })),
      ),
    },
    ...(outputs.length > 0 ? { outputs: { model_outputs: outputs } } : {}),
  };
}

const toWireInput = (input: RunDetailDto["inputs"][number]) => ({
  ...listed("tags", input.tags),
  dataset: {
    name: input.name,
    digest: input.digest,
    source_type: input.sourceType,
    source: input.source,
    ...(input.schema === null ? {} : { schema: input.schema }),
    ...(input.profile === null ? {} : { profile: input.profile }),
  },
});

export const toWireLoggedModel = (model: LoggedModelDto) => ({
  info: {
    model_id: modelHexId(model.id),
    experiment_id: String(model.experimentNumber),
    name: model.name,
    creation_timestamp_ms: ms(model.createdAt),
    last_updated_timestamp_ms: ms(model.updatedAt),
    artifact_uri: modelArtifactUri(model),
    status: model.status,
    model_type: model.modelType,
    ...(model.sourceRunId ? { source_run_id: hexId(model.sourceRunId) } : {}),
    ...listed("tags", model.tags),
  },
  data: {
    ...listed("params", model.params),
    ...listed(
      "metrics",
      model.metrics.map((metric) => ({
        ...toWireMetric(metric),
        ...(metric.datasetName === "" ? {} : { dataset_name: metric.datasetName }),
        ...(metric.datasetDigest === "" ? {} : { dataset_digest: metric.datasetDigest }),
        model_id: modelHexId(model.id),
        run_id: hexId(metric.runId),
      })),
    ),
  },
});

/** A file or folder, named by its path below the root of the listing. */
export const toWireFile = (
  item: Pick<ArtifactListDto["items"][number], "path" | "isDirectory" | "sizeBytes">,
) => ({
  path: item.path,
  is_dir: item.isDirectory,
  ...(item.sizeBytes === null ? {} : { file_size: item.sizeBytes }),
});

/** Long values are cut, as the stock server does unless told otherwise. */
export const cut = (entries: Entry[], limit: number): Entry[] =>
  entries.map(({ key, value }) => ({ key, value: value.slice(0, limit) }));
