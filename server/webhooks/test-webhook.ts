import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import type { WebhookEvent } from "./constants";
import { deliveryBody, EXAMPLES } from "./delivery-body";
import { getWebhookInWorkspace } from "./internal";
import { testWebhookInput, type WebhookTestResult } from "./schemas";
import { sendDelivery } from "./send-delivery";

/** Sends an example to a webhook at once, enabled or not, and says what came back. Throws not_found. */
export async function testWebhook(
  ctx: Context,
  input: z.input<typeof testWebhookInput>,
): Promise<WebhookTestResult> {
  requirePermission(ctx, "workspace:write");
  const { webhook: id, event: asked } = testWebhookInput.parse(input);
  const webhook = await withWorkspace(ctx, async (tx) => {
    const row = await getWebhookInWorkspace(tx, ctx, id);
    await recordAudit(tx, ctx, {
      action: "webhook.tested",
      subjectType: "webhook",
      subjectId: id,
      after: { event: asked ?? row.events[0] },
    });
    return row;
  });
  const event = asked ?? (webhook.events[0] as WebhookEvent);
  const body = deliveryBody(event, ctx.now(), EXAMPLES[event]);
  const tried = await sendDelivery(ctx, webhook, { id: newId(ctx.now().getTime()), body });
  return {
    success: tried.outcome === "delivered",
    responseStatus: tried.responseStatus,
    responseBody: tried.responseBody,
    error: tried.error,
  };
}
