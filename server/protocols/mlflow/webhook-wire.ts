import { MLFLOW_EVENTS, type WebhookEvent } from "@/server/webhooks/constants";
import type { WebhookDto } from "@/server/webhooks/schemas";
import { invalidParameter } from "./errors";
import { listed } from "./wire";

/** In the order of MLflow's proto file, from 1. */
export const ENTITIES = [
  "REGISTERED_MODEL",
  "MODEL_VERSION",
  "MODEL_VERSION_TAG",
  "MODEL_VERSION_ALIAS",
  "PROMPT",
  "PROMPT_VERSION",
  "PROMPT_TAG",
  "PROMPT_VERSION_TAG",
  "PROMPT_ALIAS",
] as const;
export const ACTIONS = ["CREATED", "UPDATED", "DELETED", "SET"] as const;
export const STATUSES = ["ACTIVE", "DISABLED"] as const;

/** Throws INVALID_PARAMETER_VALUE for an action its entity does not have. */
export function toEvent({ entity, action }: { entity: string; action: string }): WebhookEvent {
  const name = `${entity}.${action}`.toLowerCase();
  const known = MLFLOW_EVENTS.find((one) => one === name);
  if (known) return known;
  const actions = MLFLOW_EVENTS.filter((one) => one.startsWith(`${entity.toLowerCase()}.`)).map(
    (one) => `'${one.split(".")[1]}'`,
  );
  throw invalidParameter(
    `Invalid action '${action.toLowerCase()}' for entity '${entity.toLowerCase()}'. Valid actions are: [${actions.join(", ")}]`,
  );
}

/** Refuses what is no address of the web in the stock server's words; which ones may be called is decided behind. */
export function webhookUrl(text: string): string {
  if (text.trim() === "") {
    throw invalidParameter(`Webhook URL cannot be empty or just whitespace: '${text}'`);
  }
  if (!URL.canParse(text)) throw invalidParameter(`Invalid webhook URL '${text.slice(0, 200)}'`);
  const scheme = new URL(text).protocol.slice(0, -1);
  if (scheme === "https" || scheme === "http") return text;
  throw invalidParameter(`Invalid webhook URL scheme: '${scheme}'. Allowed schemes are: https.`);
}

export const toStatus = (status: (typeof STATUSES)[number] | undefined) =>
  status && ({ ACTIVE: "active", DISABLED: "disabled" } as const)[status];

const isMlflowEvent = (event: WebhookEvent) => (MLFLOW_EVENTS as readonly string[]).includes(event);

/** Events of ours are left out: clients refuse a list that holds one they do not know. */
export const toWireWebhook = (webhook: WebhookDto) => ({
  webhook_id: webhook.id,
  name: webhook.name,
  ...(webhook.description === "" ? {} : { description: webhook.description }),
  url: webhook.url,
  ...listed(
    "events",
    webhook.events.filter(isMlflowEvent).map((event) => {
      const [entity = "", action = ""] = event.toUpperCase().split(".");
      return { entity, action };
    }),
  ),
  status: webhook.status.toUpperCase(),
  creation_timestamp: Date.parse(webhook.createdAt),
  last_updated_timestamp: Date.parse(webhook.updatedAt),
});
