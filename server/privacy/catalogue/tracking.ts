import { type Catalogue, tenant } from "./entry";

/** Datasets, experiments and runs. */
export const TRACKING: Catalogue = {
  datasets: tenant(
    { name: "text", description: "text", columns: "json", created_by: "name" },
    { format: "word", delimiter: "word", sha256: "digest" },
  ),
  dataset_previews: tenant({ rows: "json" }),
  evaluation_datasets: tenant(
    { name: "text", tags: "json", schema: "json", created_by: "name", updated_by: "name" },
    { digest: "digest" },
  ),
  evaluation_records: tenant(
    {
      inputs: "json",
      outputs: "json",
      expectations: "json",
      tags: "json",
      source: "json",
      created_by: "name",
      updated_by: "name",
    },
    { input_hash: "digest" },
  ),
  evaluation_dataset_experiments: tenant({}),
  experiments: tenant({ name: "text", description: "text", created_by: "name" }),
  experiment_tags: tenant({ key: "text", value: "name" }),
  runs: tenant({ name: "text", user_name: "name" }, { status: "word" }),
  run_params: tenant({ key: "text", value: "text" }, { value_head: "derived" }),
  run_tags: tenant({ key: "text", value: "name" }, { value_head: "derived" }),
  run_metrics: tenant({}, { key: "schema" }),
  run_latest_metrics: tenant({}, { key: "schema" }),
  run_metric_rollups: tenant({}, { key: "schema", data: "numbers" }),
  run_inputs: tenant(
    {
      name: "text",
      source: "text",
      schema: "text",
      profile: "text",
      context: "text",
      tags: "json",
    },
    { digest: "digest", source_type: "word" },
  ),
  run_artifacts: tenant({ path: "text" }, { sha256: "digest" }),
  run_models: tenant({}, { direction: "word" }),
  logged_models: tenant(
    { name: "text", model_type: "text", params: "json", tags: "json" },
    { status: "word" },
  ),
  logged_model_artifacts: tenant({ path: "text" }, { sha256: "digest" }),
  logged_model_metrics: tenant(
    { dataset_name: "text" },
    { key: "schema", dataset_digest: "digest", dataset_key: "derived" },
  ),
  traces: tenant(
    {
      client_request_id: "text",
      request_preview: "text",
      response_preview: "text",
      metadata: "json",
      tags: "json",
    },
    { id: "reference", state: "word" },
  ),
  trace_spans: tenant(
    { name: "text", type: "text", body: "json" },
    { trace_id: "reference", span_id: "reference", status: "word" },
  ),
  run_traces: tenant({}, { trace_id: "reference" }),
  trace_prompts: tenant({ prompt: "text" }, { trace_id: "reference" }),
  trace_assessments: tenant({ name: "text", body: "json" }, { trace_id: "reference" }),
  trace_artifacts: tenant({ path: "text" }, { trace_id: "reference", sha256: "digest" }),
  artifact_uploads: tenant({ path: "text" }, { owner_kind: "word", owner_id: "reference" }),
  artifact_upload_parts: tenant({}, { sha256: "digest" }),
  saved_views: tenant({ name: "text", state: "json", created_by: "name" }, { page: "reference" }),
};
