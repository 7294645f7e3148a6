import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getWebhookInWorkspace, toWebhookDto } from "./internal";
import { type WebhookDto, webhookRef } from "./schemas";

/** One webhook, without its secret. Throws not_found. */
export async function getWebhook(
  ctx: Context,
  input: z.input<typeof webhookRef>,
): Promise<WebhookDto> {
  requirePermission(ctx, "workspace:write");
  const { webhook } = webhookRef.parse(input);
  return withWorkspace(ctx, async (tx) =>
    toWebhookDto(await getWebhookInWorkspace(tx, ctx, webhook)),
  );
}
