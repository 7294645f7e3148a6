import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  testWebhook,
  updateWebhook,
} from "@/server/webhooks";
import { defineMlflowRoute } from "./contract";
import { MlflowError, missingParameter } from "./errors";
import { int64, list, message, oneOf, required, str } from "./fields";
import { pageLimit } from "./registry-paging";
import {
  ACTIONS,
  ENTITIES,
  STATUSES,
  toEvent,
  toStatus,
  toWireWebhook,
  webhookUrl,
} from "./webhook-wire";
import { listed } from "./wire";

const permission = "workspace:write";
const PAGE = { usual: 100, most: 1_000, held: 200 };

const event = message({ entity: required(oneOf(ENTITIES)), action: required(oneOf(ACTIONS)) });
const id = { webhook_id: required(str) };
const fields = { description: str, events: list(event), secret: str, status: oneOf(STATUSES) };

/** Ids of webhooks are ours; any other text names none. */
const webhookRef = (text: string) => {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return { webhook: text };
  throw new MlflowError("RESOURCE_DOES_NOT_EXIST", `Webhook with ID ${text} not found.`);
};

export const webhookRoutes = [
  defineMlflowRoute({
    methods: ["POST"],
    path: "/webhooks",
    permission,
    fields: { ...fields, name: required(str), url: required(str) },
    handler: async ({ ctx, body }) => {
      if (body.events.length === 0) throw missingParameter("events");
      const webhook = await createWebhook(ctx, {
        name: body.name,
        url: webhookUrl(body.url),
        description: body.description,
        events: body.events.map(toEvent),
        secret: body.secret || null,
        status: toStatus(body.status),
      });
      return { webhook: toWireWebhook(webhook) };
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/webhooks",
    permission,
    fields: { max_results: int64, page_token: str },
    handler: async ({ ctx, body }) => {
      const page = await listWebhooks(ctx, {
        limit: pageLimit(body.max_results, PAGE),
        ...(body.page_token ? { cursor: body.page_token } : {}),
      });
      return {
        ...listed("webhooks", page.items.map(toWireWebhook)),
        ...(page.nextCursor ? { next_page_token: page.nextCursor } : {}),
      };
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/webhooks/:webhook_id",
    permission,
    fields: id,
    handler: async ({ ctx, body }) => ({
      webhook: toWireWebhook(await getWebhook(ctx, webhookRef(body.webhook_id))),
    }),
  }),
  defineMlflowRoute({
    methods: ["PATCH"],
    path: "/webhooks/:webhook_id",
    permission,
    fields: { ...id, ...fields, name: str, url: str },
    handler: async ({ ctx, body }) => {
      const webhook = await updateWebhook(ctx, {
        ...webhookRef(body.webhook_id),
        name: body.name || undefined,
        url: body.url ? webhookUrl(body.url) : undefined,
        description: body.description,
        status: toStatus(body.status),
        // An empty secret takes it away.
        secret: body.secret === "" ? null : body.secret,
        events: body.events.length > 0 ? body.events.map(toEvent) : undefined,
      });
      return { webhook: toWireWebhook(webhook) };
    },
  }),
  defineMlflowRoute({
    methods: ["DELETE"],
    path: "/webhooks/:webhook_id",
    permission,
    fields: id,
    handler: async ({ ctx, body }) => {
      await deleteWebhook(ctx, webhookRef(body.webhook_id));
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/webhooks/:webhook_id/test",
    permission,
    fields: { ...id, event },
    handler: async ({ ctx, body }) => {
      const result = await testWebhook(ctx, {
        ...webhookRef(body.webhook_id),
        ...(body.event ? { event: toEvent(body.event) } : {}),
      });
      return {
        result: {
          success: result.success,
          ...(result.responseStatus === null ? {} : { response_status: result.responseStatus }),
          ...(result.responseBody === null ? {} : { response_body: result.responseBody }),
          ...(result.error === null ? {} : { error_message: result.error }),
        },
      };
    },
  }),
];
