import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { webhooks } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { checkUrl, getWebhookInWorkspace, sealSecret, toWebhookDto } from "./internal";
import { updateWebhookInput, type WebhookDto } from "./schemas";

/** Changes the fields that are given. Throws not_found, validation_failed as for a new one. */
export async function updateWebhook(
  ctx: Context,
  input: z.input<typeof updateWebhookInput>,
): Promise<WebhookDto> {
  requirePermission(ctx, "workspace:write");
  const { webhook: id, secret, ...changes } = updateWebhookInput.parse(input);
  if (changes.url !== undefined) checkUrl(ctx, changes.url);
  return withWorkspace(ctx, async (tx) => {
    const before = await getWebhookInWorkspace(tx, ctx, id, true);
    const sealed = secret ? sealSecret(ctx, id, secret) : secret;
    const [row = before] = await tx
      .update(webhooks)
      .set({
        ...changes,
        ...(sealed === undefined ? {} : { secret: sealed as Buffer | null }),
        updatedAt: ctx.now(),
      })
      .where(and(eq(webhooks.workspaceId, ctx.workspaceId), eq(webhooks.id, id)))
      .returning();
    await recordAudit(tx, ctx, {
      action: "webhook.updated",
      subjectType: "webhook",
      subjectId: id,
      before: toWebhookDto(before),
      after: { ...toWebhookDto(row), newSecret: typeof secret === "string" },
    });
    await announceChange(tx, ctx, "webhooks", id);
    return toWebhookDto(row);
  });
}
