/** MLflow's words, which trainers and their clients use. */
export const RUN_STATUSES = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Statuses after which a run has an end time. */
export const ENDED_STATUSES: ReadonlySet<RunStatus> = new Set<RunStatus>([
  "FINISHED",
  "FAILED",
  "KILLED",
]);

/** The experiment every workspace has; it is made when first asked for. */
export const DEFAULT_EXPERIMENT = { number: 0, name: "Default" } as const;

/** The tag that always equals the run's name. */
export const RUN_NAME_TAG = "mlflow.runName";

/** The tag that lists, as JSON, the models a client before MLflow 3 logged. */
export const MODEL_HISTORY_TAG = "mlflow.log-model.history";

/** The tag of a dataset input that says what it was used for. */
export const INPUT_CONTEXT_TAG = "mlflow.data.context";

export const LOGGED_MODEL_STATUSES = [
  "LOGGED_MODEL_PENDING",
  "LOGGED_MODEL_READY",
  "LOGGED_MODEL_UPLOAD_FAILED",
] as const;
export type LoggedModelStatus = (typeof LOGGED_MODEL_STATUSES)[number];

/** Lengths in characters, counts in entries, as MLflow sets them (mlflow/utils/validation.py). */
export const LIMITS = {
  key: 250,
  paramValue: 6000,
  tagValue: 8000,
  experimentName: 500,
  experimentTagValue: 20_000,
  runName: 500,
  userName: 256,
  batchMetrics: 1000,
  batchParams: 100,
  batchTags: 100,
  batchEntries: 1000,
  datasetsPerBatch: 1000,
  datasetName: 500,
  datasetDigest: 36,
  datasetSource: 65_535,
  datasetSchema: 1_048_575,
  datasetProfile: 16_777_215,
  inputTagKey: 255,
  inputTagValue: 500,
  artifactPath: 1000,
  historyPage: 25_000,
  /** Runs and points of each in one sampled answer. */
  sampledRuns: 100,
  sampledPoints: 2500,
  historyKeys: 100,
} as const;

/** One file of a run, bytes. */
export const ARTIFACT_MAX_BYTES = 5 * 1024 ** 3;

/** The furthest instant a Date holds, milliseconds either side of the epoch (ECMA-262, 21.4.1.1). */
export const MAX_TIME_MS = 8_640_000_000_000_000;
