import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { webhooks } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getWebhookInWorkspace, toWebhookDto } from "./internal";
import { webhookRef } from "./schemas";

/** Ends a webhook and forgets its secret; deliveries under way end with it. Throws not_found. */
export async function deleteWebhook(
  ctx: Context,
  input: z.input<typeof webhookRef>,
): Promise<void> {
  requirePermission(ctx, "workspace:write");
  const { webhook: id } = webhookRef.parse(input);
  await withWorkspace(ctx, async (tx) => {
    const before = await getWebhookInWorkspace(tx, ctx, id, true);
    await tx
      .update(webhooks)
      .set({ deletedAt: ctx.now(), secret: null })
      .where(and(eq(webhooks.workspaceId, ctx.workspaceId), eq(webhooks.id, id)));
    await recordAudit(tx, ctx, {
      action: "webhook.deleted",
      subjectType: "webhook",
      subjectId: id,
      before: toWebhookDto(before),
    });
    await announceChange(tx, ctx, "webhooks", id);
  });
}
