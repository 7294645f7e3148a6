/** Events MLflow's clients know, as `entity.action` (mlflow/entities/webhook.py). */
export const MLFLOW_EVENTS = [
  "registered_model.created",
  "model_version.created",
  "model_version_tag.set",
  "model_version_tag.deleted",
  "model_version_alias.created",
  "model_version_alias.deleted",
  "prompt.created",
  "prompt_version.created",
  "prompt_tag.set",
  "prompt_tag.deleted",
  "prompt_version_tag.set",
  "prompt_version_tag.deleted",
  "prompt_alias.created",
  "prompt_alias.deleted",
] as const;

/** What a webhook may ask for. */
export const WEBHOOK_EVENTS = [
  ...MLFLOW_EVENTS,
  "registered_model.updated",
  "registered_model.deleted",
  "model_version.deleted",
  "model_version.stage_changed",
  "approval.requested",
  "batch_job.completed",
  "batch_job.failed",
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Events of the product → what webhooks call them: for models, and for the prompts among them. */
export const EVENT_NAMES: Record<string, { model?: WebhookEvent; prompt?: WebhookEvent }> = {
  "registry/model.created": { model: "registered_model.created", prompt: "prompt.created" },
  "registry/model.updated": { model: "registered_model.updated" },
  "registry/model.deleted": { model: "registered_model.deleted" },
  "registry/model.tag_set": { prompt: "prompt_tag.set" },
  "registry/model.tag_deleted": { prompt: "prompt_tag.deleted" },
  "registry/version.registered": {
    model: "model_version.created",
    prompt: "prompt_version.created",
  },
  "registry/version.deleted": { model: "model_version.deleted" },
  "registry/version.stage_changed": { model: "model_version.stage_changed" },
  "registry/version.tag_set": { model: "model_version_tag.set", prompt: "prompt_version_tag.set" },
  "registry/version.tag_deleted": {
    model: "model_version_tag.deleted",
    prompt: "prompt_version_tag.deleted",
  },
  "registry/alias.set": { model: "model_version_alias.created", prompt: "prompt_alias.created" },
  "registry/alias.deleted": {
    model: "model_version_alias.deleted",
    prompt: "prompt_alias.deleted",
  },
  "registry/approval.requested": { model: "approval.requested" },
  "predictions/batch_job.completed": { model: "batch_job.completed" },
  "predictions/batch_job.failed": { model: "batch_job.failed" },
};

/** The product's events webhooks can be told of. */
export const TOLD_EVENTS = Object.keys(EVENT_NAMES);

export const WEBHOOK_STATUSES = ["active", "disabled"] as const;
export const DELIVERY_STATUSES = ["pending", "delivered", "failed"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export const WEBHOOKS_MAX = 50;

/** Emitted with each delivery that was queued. */
export const DELIVERY_REQUESTED = "webhooks/delivery.requested";
