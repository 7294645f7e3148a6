import { WEBHOOK_EVENTS, type WebhookEvent } from "@/server/webhooks/constants";

/** What happened, in words. */
const WORDS = {
  "registered_model.created": "Model created",
  "registered_model.updated": "Model changed",
  "registered_model.deleted": "Model deleted",
  "model_version.created": "Version registered",
  "model_version.deleted": "Version deleted",
  "model_version.stage_changed": "Stage changed",
  "approval.requested": "Approval requested",
  "batch_job.completed": "Batch job completed",
  "batch_job.failed": "Batch job failed",
  "model_version_tag.set": "Version tag set",
  "model_version_tag.deleted": "Version tag removed",
  "model_version_alias.created": "Alias set",
  "model_version_alias.deleted": "Alias removed",
  "prompt.created": "Prompt created",
  "prompt_version.created": "Prompt version registered",
  "prompt_tag.set": "Prompt tag set",
  "prompt_tag.deleted": "Prompt tag removed",
  "prompt_version_tag.set": "Prompt version tag set",
  "prompt_version_tag.deleted": "Prompt version tag removed",
  "prompt_alias.created": "Prompt alias set",
  "prompt_alias.deleted": "Prompt alias removed",
} satisfies Record<WebhookEvent, string>;

const AREAS: { label: string; words: string[] }[] = [
  { label: "Models", words: ["registered_model"] },
  { label: "Versions", words: ["model_version", "approval"] },
  { label: "Predictions", words: ["batch_job"] },
  { label: "Tags and aliases", words: ["model_version_tag", "model_version_alias"] },
];
const REST = "Prompts";

export const eventWords = (event: WebhookEvent): string => WORDS[event];

/** Every event once, by area; the rest is about prompts. */
export const EVENT_GROUPS = [...AREAS.map((area) => area.label), REST].map((label) => ({
  label,
  events: WEBHOOK_EVENTS.filter((event) => {
    const [word = ""] = event.split(".");
    return (AREAS.find((area) => area.words.includes(word))?.label ?? REST) === label;
  }),
}));

/** A few events by name, many by number. */
export function eventsText(events: readonly WebhookEvent[]): string {
  if (events.length === WEBHOOK_EVENTS.length) return "All events";
  const [first, second] = events;
  if (!first) return "None";
  if (events.length > 2) return `${eventWords(first)} and ${events.length - 1} more`;
  return second ? `${eventWords(first)}, ${eventWords(second).toLowerCase()}` : eventWords(first);
}
