import { z } from "zod";
import { type ExactInt, exactInt } from "@/server/kernel/exact-int";
import { LOGGED_MODEL_STATUSES, RUN_STATUSES } from "../constants";

/** A whole number as proto JSON may write it. */
const int64 = z
  .union([z.number(), z.bigint(), z.string().regex(/^-?\d{1,19}$/)])
  .transform((value): ExactInt => exactInt(value) ?? 0);
const count = int64.transform(Number);
const double = z.union([z.number(), z.bigint(), z.string()]).transform(Number);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
const entries = list(z.object({ key: z.string(), value: text }));
const id = z.union([z.string(), z.number()]).transform(String);
const pageToken = text;

const experiment = z.object({
  experiment_id: id,
  name: z.string(),
  lifecycle_stage: text,
  tags: entries,
});
export type SourceExperiment = z.output<typeof experiment>;
export const experimentPage = z.object({
  experiments: list(experiment),
  next_page_token: pageToken,
});

const metric = z.object({
  key: text,
  value: double.default(0),
  timestamp: int64.default(0),
  step: int64.default(0),
});
export type SourcePoint = z.output<typeof metric>;
export const historyPage = z.object({ metrics: list(metric), next_page_token: pageToken });

const datasetInput = z.object({
  tags: entries,
  dataset: z.object({
    name: z.string(),
    digest: z.string(),
    source_type: text,
    source: text,
    schema: z.string().nullish(),
    profile: z.string().nullish(),
  }),
});
const run = z.object({
  info: z.object({
    run_id: z.string(),
    run_name: text,
    experiment_id: id,
    user_id: text,
    status: z.enum(RUN_STATUSES),
    start_time: count.default(0),
    end_time: count.nullish(),
    artifact_uri: text,
    lifecycle_stage: text,
  }),
  data: z
    .object({ metrics: list(metric), params: entries, tags: entries })
    .nullish()
    .transform((data) => data ?? { metrics: [], params: [], tags: [] }),
  inputs: z
    .object({
      dataset_inputs: list(datasetInput),
      model_inputs: list(z.object({ model_id: z.string() })),
    })
    .nullish(),
  outputs: z
    .object({ model_outputs: list(z.object({ model_id: z.string(), step: count.default(0) })) })
    .nullish(),
});
export type SourceRun = z.output<typeof run>;
export const runPage = z.object({ runs: list(run), next_page_token: pageToken });
export const oneRun = z.object({ run });

export const filePage = z.object({
  files: list(
    z.object({ path: z.string(), is_dir: z.boolean().nullish(), file_size: count.nullish() }),
  ),
  next_page_token: pageToken,
});

const loggedModel = z.object({
  info: z.object({
    model_id: z.string(),
    experiment_id: id,
    name: z.string(),
    creation_timestamp_ms: count.default(0),
    last_updated_timestamp_ms: count.default(0),
    artifact_uri: text,
    status: z.union([z.enum(LOGGED_MODEL_STATUSES), z.string(), z.number()]).nullish(),
    model_type: text,
    source_run_id: text,
    tags: entries,
  }),
  data: z
    .object({
      params: entries,
      metrics: list(
        metric.extend({ run_id: text, model_id: text, dataset_name: text, dataset_digest: text }),
      ),
    })
    .nullish()
    .transform((data) => data ?? { params: [], metrics: [] }),
});
export type SourceLoggedModel = z.output<typeof loggedModel>;
export const loggedModelPage = z.object({ models: list(loggedModel), next_page_token: pageToken });
