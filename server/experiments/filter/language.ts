import type { FieldEntity } from "./syntax";

type AttributeType = "text" | "number";

/** What can be asked of one kind of thing: the words before the dot, the attributes, their aliases. */
export interface FilterLanguage {
  /** Words before the dot, as they are written → what they mean. */
  entities: Readonly<Record<string, FieldEntity>>;
  /** Attributes that may be compared. */
  attributes: Readonly<Record<string, AttributeType>>;
  /** Attributes that may be sorted by. */
  orderAttributes: readonly string[];
  /** Other spellings of attributes. */
  aliases: Readonly<Record<string, string>>;
  /** Entities a sort may name beside attributes. */
  orderEntities: readonly FieldEntity[];
}

const ATTRIBUTE_WORDS = {
  attribute: "attribute",
  attributes: "attribute",
  attr: "attribute",
} as const;
const TAG_WORDS = { tag: "tag", tags: "tag" } as const;
const VALUE_WORDS = {
  metric: "metric",
  metrics: "metric",
  param: "parameter",
  params: "parameter",
  parameter: "parameter",
  parameters: "parameter",
} as const;

/** Columns of a dataset input that may be compared. */
export const DATASET_KEYS = ["name", "digest", "context"] as const;

/** Runs, in MLflow's words (mlflow/utils/search_utils.py); `duration` is ours, milliseconds. */
export const RUN_LANGUAGE = {
  entities: {
    ...VALUE_WORDS,
    ...TAG_WORDS,
    ...ATTRIBUTE_WORDS,
    run: "attribute",
    dataset: "dataset",
    datasets: "dataset",
  },
  attributes: {
    artifact_uri: "text",
    duration: "number",
    end_time: "number",
    run_id: "text",
    run_name: "text",
    start_time: "number",
    status: "text",
    user_id: "text",
  },
  orderAttributes: [
    "artifact_uri",
    "duration",
    "end_time",
    "run_id",
    "run_name",
    "start_time",
    "status",
    "user_id",
  ],
  aliases: {
    created: "start_time",
    Created: "start_time",
    "run name": "run_name",
    "Run name": "run_name",
    "Run Name": "run_name",
  },
  orderEntities: ["metric", "parameter", "tag"],
} as const satisfies FilterLanguage;

export const EXPERIMENT_LANGUAGE = {
  entities: { ...TAG_WORDS, ...ATTRIBUTE_WORDS },
  attributes: {
    creation_time: "number",
    experiment_id: "text",
    last_update_time: "number",
    name: "text",
  },
  orderAttributes: ["creation_time", "experiment_id", "last_update_time", "name"],
  aliases: {},
  orderEntities: [],
} as const satisfies FilterLanguage;

/** Models a run logged, before anybody registers them (mlflow/utils/search_logged_model_utils.py). */
export const LOGGED_MODEL_LANGUAGE = {
  entities: { ...VALUE_WORDS, ...TAG_WORDS, ...ATTRIBUTE_WORDS },
  attributes: {
    creation_timestamp_ms: "number",
    experiment_id: "text",
    last_updated_timestamp_ms: "number",
    model_id: "text",
    model_type: "text",
    name: "text",
    source_run_id: "text",
    status: "text",
  },
  orderAttributes: [
    "creation_timestamp_ms",
    "last_updated_timestamp_ms",
    "model_id",
    "model_type",
    "name",
    "source_run_id",
    "status",
  ],
  aliases: {
    creation_time: "creation_timestamp_ms",
    creation_timestamp: "creation_timestamp_ms",
    last_updated_timestamp: "last_updated_timestamp_ms",
  },
  orderEntities: ["metric"],
} as const satisfies FilterLanguage;

export const REGISTERED_MODEL_LANGUAGE = {
  entities: { ...TAG_WORDS, ...ATTRIBUTE_WORDS },
  attributes: { creation_timestamp: "number", last_updated_timestamp: "number", name: "text" },
  orderAttributes: ["creation_timestamp", "last_updated_timestamp", "name"],
  // Clients sort by "timestamp", the stock store's older word.
  aliases: { timestamp: "last_updated_timestamp" },
  orderEntities: [],
} as const satisfies FilterLanguage;

export const MODEL_VERSION_LANGUAGE = {
  entities: { ...TAG_WORDS, ...ATTRIBUTE_WORDS },
  attributes: {
    creation_timestamp: "number",
    last_updated_timestamp: "number",
    name: "text",
    run_id: "text",
    source_path: "text",
    version_number: "number",
  },
  orderAttributes: ["creation_timestamp", "last_updated_timestamp", "name", "version_number"],
  aliases: { version: "version_number" },
  orderEntities: [],
} as const satisfies FilterLanguage;
