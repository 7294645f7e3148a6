import type { WebhookEvent } from "./constants";

/**
 * The JSON of a delivery: MLflow's envelope (entity, action, timestamp, data) with the `type` that
 * Standard Webhooks recommends beside it.
 */
export function deliveryBody(event: WebhookEvent, at: Date, data: object): string {
  const [entity, action] = event.split(".", 2);
  return JSON.stringify({ entity, action, timestamp: at.toISOString(), data, type: event });
}

const tag = { key: "example_key", value: "example_value" };
const model = {
  name: "example_model",
  tags: { example_key: "example_value" },
  description: "An example registered model",
};
const prompt = { ...model, name: "example_prompt", description: "An example prompt" };
const version = { name: "example_model", version: "1" };
const promptVersion = { name: "example_prompt", version: "1" };
const alias = { alias: "example_alias" };

/** What a test sends for each event. */
export const EXAMPLES = {
  "registered_model.created": model,
  "registered_model.updated": model,
  "registered_model.deleted": { name: "example_model" },
  "model_version.created": {
    ...version,
    source: "models:/123",
    run_id: "abcd1234abcd5678",
    tags: model.tags,
    description: "An example model version",
  },
  "model_version.deleted": version,
  "model_version.stage_changed": { ...version, from: "staging", to: "production" },
  "model_version_tag.set": { ...version, ...tag },
  "model_version_tag.deleted": { ...version, key: tag.key },
  "model_version_alias.created": { ...version, ...alias },
  "model_version_alias.deleted": { name: version.name, ...alias },
  "prompt.created": prompt,
  "prompt_version.created": {
    ...promptVersion,
    template: "Hello {{name}}!",
    tags: model.tags,
    description: "An example prompt version",
  },
  "prompt_tag.set": { name: prompt.name, ...tag },
  "prompt_tag.deleted": { name: prompt.name, key: tag.key },
  "prompt_version_tag.set": { ...promptVersion, ...tag },
  "prompt_version_tag.deleted": { ...promptVersion, key: tag.key },
  "prompt_alias.created": { ...promptVersion, ...alias },
  "prompt_alias.deleted": { name: prompt.name, ...alias },
  "approval.requested": {
    ...version,
    approval_id: "0190a7e5-0000-7000-8000-000000000000",
    stage: "production",
  },
  "batch_job.completed": { ...version, batch_job_id: "0190a7e5-0000-7000-8000-000000000000" },
  "batch_job.failed": { ...version, batch_job_id: "0190a7e5-0000-7000-8000-000000000000" },
} satisfies Record<WebhookEvent, object>;
