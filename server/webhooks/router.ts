import { procedure, router } from "@/server/trpc/init";
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listDeliveries,
  listWebhooks,
  redeliver,
  testWebhook,
  updateWebhook,
} from "./index";
import {
  createWebhookInput,
  deliveryRef,
  listDeliveriesInput,
  listWebhooksInput,
  testWebhookInput,
  updateWebhookInput,
  webhookRef,
} from "./schemas";

export const webhooksRouter = router({
  listWebhooks: procedure("workspace:write")
    .input(listWebhooksInput)
    .query(({ ctx, input }) => listWebhooks(ctx.context, input)),
  getWebhook: procedure("workspace:write")
    .input(webhookRef)
    .query(({ ctx, input }) => getWebhook(ctx.context, input)),
  createWebhook: procedure("workspace:write")
    .input(createWebhookInput)
    .mutation(({ ctx, input }) => createWebhook(ctx.context, input)),
  updateWebhook: procedure("workspace:write")
    .input(updateWebhookInput)
    .mutation(({ ctx, input }) => updateWebhook(ctx.context, input)),
  deleteWebhook: procedure("workspace:write")
    .input(webhookRef)
    .mutation(({ ctx, input }) => deleteWebhook(ctx.context, input)),
  testWebhook: procedure("workspace:write")
    .input(testWebhookInput)
    .mutation(({ ctx, input }) => testWebhook(ctx.context, input)),
  listDeliveries: procedure("workspace:write")
    .input(listDeliveriesInput)
    .query(({ ctx, input }) => listDeliveries(ctx.context, input)),
  redeliver: procedure("workspace:write")
    .input(deliveryRef)
    .mutation(({ ctx, input }) => redeliver(ctx.context, input)),
});
