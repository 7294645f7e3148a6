import { and, count, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { webhooks } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { WEBHOOKS_MAX } from "./constants";
import { checkUrl, sealSecret, toWebhookDto } from "./internal";
import { createWebhookInput, type WebhookDto } from "./schemas";

/**
 * Adds an address that is told of events from now on. Throws validation_failed for one that may not
 * be called, conflict when the workspace has as many as it can.
 */
export async function createWebhook(
  ctx: Context,
  input: z.input<typeof createWebhookInput>,
): Promise<WebhookDto> {
  requirePermission(ctx, "workspace:write");
  const { secret, ...values } = createWebhookInput.parse(input);
  checkUrl(ctx, values.url);
  const { workspaceId } = ctx;
  const id = newId(ctx.now().getTime());
  return withWorkspace(ctx, async (tx) => {
    const [there] = await tx
      .select({ webhooks: count() })
      .from(webhooks)
      .where(and(eq(webhooks.workspaceId, workspaceId), isNull(webhooks.deletedAt)));
    if ((there?.webhooks ?? 0) >= WEBHOOKS_MAX) {
      throw new AppError("conflict", `A workspace has ${WEBHOOKS_MAX} webhooks at most.`);
    }
    const [row] = await tx
      .insert(webhooks)
      .values({
        ...values,
        id,
        workspaceId,
        secret: secret === null ? null : sealSecret(ctx, id, secret),
        createdAt: ctx.now(),
        updatedAt: ctx.now(),
      })
      .returning();
    if (!row) throw new Error("insert returned no row");
    const after = toWebhookDto(row);
    await recordAudit(tx, ctx, {
      action: "webhook.created",
      subjectType: "webhook",
      subjectId: id,
      after,
    });
    await announceChange(tx, ctx, "webhooks", id);
    return after;
  });
}
