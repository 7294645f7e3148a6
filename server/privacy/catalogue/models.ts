import { type Catalogue, tenant } from "./entry";

/** Models, their versions and who approved them; training, deployments and predictions. */
export const MODELS: Catalogue = {
  models: tenant(
    {
      name: "text",
      description: "text",
      features: "json",
      target_variable: "text",
      hyperparameters: "json",
      tags: "json",
      card: "text",
      created_by: "name",
    },
    { type: "word", framework: "word" },
  ),
  model_versions: tenant(
    {
      label: "text",
      description: "text",
      hyperparameters: "json",
      metrics: "json",
      input_example: "json",
      environment: "json",
      source: "text",
      source_location: "text",
      source_run: "text",
      run_link: "text",
      created_by: "name",
    },
    {
      semantic_version: "reference",
      dataset_sha256: "digest",
      algorithm: "word",
      task: "word",
      signature: "schema",
      parity: "schema",
      stage: "reference",
    },
  ),
  model_version_tags: tenant({ key: "text", value: "name" }, { value_head: "derived" }),
  model_aliases: tenant({ alias: "text" }),
  model_version_artifacts: tenant({ path: "text" }, { kind: "word", sha256: "digest" }),
  stages: tenant(
    { name: "text", description: "text", reviewers: "json", gates: "json" },
    { key: "reference", color: "word", mlflow_stage: "word" },
  ),
  approvals: tenant(
    {
      comment: "text",
      requested_by: "text",
      gates_at_request: "json",
      gates_at_move: "json",
      conditions: "json",
      close_reason: "text",
    },
    { from_stage: "reference", to_stage: "reference", state: "word" },
  ),
  approval_reviews: tenant({ reviewer: "text", comment: "text" }, { decision: "word" }),
  model_cards: tenant({ content: "text", written_by: "name" }),
  model_signatures: tenant({ note: "text", changed_by: "name" }, { signature: "schema" }),
  batch_jobs: tenant(
    { columns: "json", message: "text", error: "text", preview: "json", created_by: "name" },
    { on_error: "word", status: "word", run_ref: "reference", result_sha256: "digest" },
  ),
  batch_row_counts: tenant({}),
  batch_job_parts: tenant({}, { sha256: "digest" }),
  batch_job_errors: tenant({ message: "text" }),
  benchmarks: tenant(
    { target: "text", error: "text", created_by: "name" },
    { dataset_sha256: "digest", status: "word" },
  ),
  benchmark_results: tenant({ metrics: "json", error: "text" }, { status: "word" }),
  model_conversions: tenant(
    { error: "text", log: "output", created_by: "name" },
    {
      status: "word",
      flavor: "word",
      form: "word",
      method: "schema",
      parity: "schema",
      walls: "schema",
    },
  ),
  conversion_settings: tenant({}),
  // Machines of the installation, in no workspace and out of reach of plain SQL.
  inference_nodes: {
    reach: "account",
    personal: {},
    plain: {
      url: "setting",
      labels: "setting",
      device: "word",
      version: "word",
      load: "numbers",
    },
  },
  external_models: tenant(
    { url: "text", remote_model: "text", remote_version: "text" },
    {
      output_names: "schema",
      credential: "word",
      header_name: "setting",
      secret: "sealed",
      last_check: "word",
    },
  ),
  training_jobs: tenant(
    {
      target: "text",
      features: "json",
      hyperparameters: "json",
      version_label: "text",
      description: "text",
      message: "text",
      error: "text",
      created_by: "name",
    },
    {
      algorithm: "word",
      task: "word",
      status: "word",
      lease_owner: "reference",
      backend_ref: "reference",
    },
  ),
  training_logs: tenant({ text: "output" }),
  deployments: tenant(
    { name: "text", error: "text", settings: "json", created_by: "name" },
    { environment: "word", status: "word" },
  ),
  deployment_variants: tenant(
    { name: "text" },
    { status: "word", role: "word", batching: "setting" },
  ),
  deployment_events: tenant(
    { actor: "actor", message: "text", comment: "text" },
    { kind: "word", effect: "numbers" },
  ),
  roll_outs: tenant(
    { reason: "text", comment: "text", created_by: "name" },
    { strategy: "word", plan: "setting", baseline: "setting", state: "word" },
  ),
  roll_out_analyses: tenant({ message: "text" }, { metric: "word", verdict: "word" }),
  prediction_logs: tenant(
    { unit: "log", inputs: "log", outputs: "log", error: "log" },
    { lane: "word", trace_id: "reference" },
  ),
  prediction_archives: tenant({}, { sha256: "digest" }),
  prediction_retention: tenant({}),
  prediction_outcomes: tenant({ outcome: "json" }),
  shadow_examples: tenant({ inputs: "json", sent: "json", shadow: "json" }),
};
