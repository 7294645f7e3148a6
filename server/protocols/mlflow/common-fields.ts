import { AppError } from "@/server/kernel/errors";
import { invalidParameter, MlflowError, missingParameter } from "./errors";
import {
  double,
  exactInt64,
  type Fields,
  list,
  type Message,
  message,
  required,
  str,
} from "./fields";

/** Clients send a run's id under both names; either is enough. */
export const runIdFields = { run_id: str, run_uuid: str };

export function runIdOf(body: {
  run_id: string | undefined;
  run_uuid: string | undefined;
}): string {
  const runId = body.run_id || body.run_uuid;
  if (!runId) throw missingParameter("run_id");
  return runId;
}

const entryFields = { key: required(str), value: str } satisfies Fields;

/** A list of { key, value }; an absent value is empty text. */
export const entries = list(required(message(entryFields)));

export const toEntries = (items: { key: string; value: string | undefined }[]) =>
  items.map(({ key, value }) => ({ key, value: value ?? "" }));

export const metricFields = {
  key: required(str),
  value: required(double),
  timestamp: required(exactInt64),
  step: exactInt64,
  model_id: str,
  dataset_name: str,
  dataset_digest: str,
} satisfies Fields;

/** Metrics of a message as the batch takes them: all, and once more those that name a model. */
export function toMetrics(metrics: Message<typeof metricFields>[]) {
  return {
    metrics: metrics.map(({ key, value, timestamp, step }) => ({
      key,
      value,
      timestamp,
      step: step ?? 0,
    })),
    modelMetrics: metrics
      .filter((metric) => metric.model_id)
      .map(({ key, value, timestamp, step, ...about }) => ({
        key,
        value,
        timestamp,
        step: step ?? 0,
        modelId: about.model_id ?? "",
        datasetName: about.dataset_name ?? "",
        datasetDigest: about.dataset_digest ?? "",
      })),
  };
}

export const VIEWS = ["ACTIVE_ONLY", "DELETED_ONLY", "ALL"] as const;
export const viewOf = (view: (typeof VIEWS)[number] | undefined) =>
  (({ ACTIVE_ONLY: "active", DELETED_ONLY: "deleted", ALL: "all" }) as const)[
    view ?? "ACTIVE_ONLY"
  ];

/** Results of a page of experiments or runs, as the stock server bounds them. */
const SEARCH_PAGE = { usual: 1000, most: 50_000 };

/** Throws INVALID_PARAMETER_VALUE for fewer than one and more than 50,000. */
export function searchLimit(asked: number | undefined): number {
  const limit = asked ?? SEARCH_PAGE.usual;
  const supplied = `Invalid value ${limit} for parameter 'max_results' supplied.`;
  if (limit < 1) throw invalidParameter(`${supplied} It must be a positive integer.`);
  if (limit <= SEARCH_PAGE.most) return limit;
  throw invalidParameter(`${supplied} It must be at most ${SEARCH_PAGE.most}.`);
}

/** A missing run, experiment, logged model or webhook in the words clients and their users know; other errors as they are. */
export function inKnownWords(error: unknown, body: Record<string, unknown>): unknown {
  if (!(error instanceof AppError) || error.code !== "not_found") return error;
  const run = body.run_id || body.run_uuid;
  if (error.message.startsWith("The run ") && typeof run === "string") {
    return new MlflowError("RESOURCE_DOES_NOT_EXIST", `Run with id=${run.slice(0, 100)} not found`);
  }
  const model = body.model_id;
  if (error.message.startsWith("The logged model ") && typeof model === "string") {
    const message = `Logged model with ID '${model.slice(0, 100)}' not found.`;
    return new MlflowError("RESOURCE_DOES_NOT_EXIST", message);
  }
  const webhook = body.webhook_id;
  if (error.message.startsWith("The webhook ") && typeof webhook === "string") {
    const message = `Webhook with ID ${webhook.slice(0, 100)} not found.`;
    return new MlflowError("RESOURCE_DOES_NOT_EXIST", message);
  }
  const experiment = body.experiment_id;
  if (error.message.startsWith("The experiment ") && typeof experiment === "string") {
    const message = `No Experiment with id=${experiment.slice(0, 100)} exists`;
    return new MlflowError("RESOURCE_DOES_NOT_EXIST", message);
  }
  return error;
}
