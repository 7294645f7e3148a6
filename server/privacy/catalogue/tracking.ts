import { type Catalogue, tenant } from "./entry";

/** Datasets, experiments and runs. */
export const TRACKING: Catalogue = {
  datasets: tenant(
    { name: "text", description: "text", columns: "json", created_by: "name" },
    { format: "word", delimiter: "word", sha256: "digest" },
  ),
  dataset_previews: tenant({ rows: "json" }),
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
  saved_views: tenant({ name: "text", state: "json", created_by: "name" }, { page: "reference" }),
};
