import { z } from "zod";
import { pageQuery } from "@/server/kernel/paging";
import { DELIVERY_STATUSES, WEBHOOK_EVENTS, WEBHOOK_STATUSES } from "./constants";

const fields = {
  name: z.string().trim().min(1).max(200),
  description: z.string().max(2_000),
  url: z.string().min(1).max(2_048).describe("https:// and on the public internet."),
  events: z
    .array(z.enum(WEBHOOK_EVENTS))
    .min(1)
    .max(WEBHOOK_EVENTS.length)
    .transform((events) => [...new Set(events)]),
  status: z.enum(WEBHOOK_STATUSES),
};
const secret = z.string().min(1).max(500).describe("Signs deliveries; never shown again.");

export const createWebhookInput = z.strictObject({
  name: fields.name,
  description: fields.description.default(""),
  url: fields.url,
  events: fields.events,
  status: fields.status.default("active"),
  secret: secret.nullable().default(null),
});

export const webhookChanges = z.strictObject({
  name: fields.name.optional(),
  description: fields.description.optional(),
  url: fields.url.optional(),
  events: fields.events.optional(),
  status: fields.status.optional(),
  secret: secret.nullable().optional().describe("null takes it away."),
});

export const webhookRef = z.object({ webhook: z.uuid() });
export const deliveryRef = webhookRef.extend({ delivery: z.uuid() });
export const updateWebhookInput = z.strictObject({ ...webhookRef.shape, ...webhookChanges.shape });

export const listWebhooksInput = pageQuery;
export const listDeliveriesInput = webhookRef.extend(pageQuery.shape).extend({
  status: z.enum(DELIVERY_STATUSES).optional(),
});

export const webhookTestRequest = z.strictObject({
  event: z
    .enum(WEBHOOK_EVENTS)
    .optional()
    .describe("The first one it asks for when absent; what is sent is an example."),
});
export const testWebhookInput = z.strictObject({
  ...webhookRef.shape,
  ...webhookTestRequest.shape,
});

export const webhookDto = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  url: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)),
  status: z.enum(WEBHOOK_STATUSES),
  hasSecret: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type WebhookDto = z.infer<typeof webhookDto>;

export const deliveryDto = z.object({
  id: z.uuid(),
  webhookId: z.uuid(),
  event: z.enum(WEBHOOK_EVENTS),
  status: z.enum(DELIVERY_STATUSES),
  /** JSON, as it is sent. */
  body: z.string(),
  attempts: z.number().int(),
  responseStatus: z.number().int().nullable(),
  error: z.string().nullable(),
  createdAt: z.string(),
  lastTriedAt: z.string().nullable(),
});
export type DeliveryDto = z.infer<typeof deliveryDto>;

export const webhookTestResult = z.object({
  success: z.boolean(),
  responseStatus: z.number().int().nullable(),
  responseBody: z.string().nullable(),
  error: z.string().nullable(),
});
export type WebhookTestResult = z.infer<typeof webhookTestResult>;
