import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { webhookDeliveries } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { AppError, notFound } from "@/server/kernel/errors";
import { DELIVERY_REQUESTED } from "./constants";
import { getWebhookInWorkspace, toDeliveryDto } from "./internal";
import { type DeliveryDto, deliveryRef } from "./schemas";

/**
 * Sends a delivery that ended again, with the same id and body, so that a receiver knows it for a
 * repetition. Throws not_found, conflict while it is on its way or the webhook is disabled.
 */
export async function redeliver(
  ctx: Context,
  input: z.input<typeof deliveryRef>,
): Promise<DeliveryDto> {
  requirePermission(ctx, "workspace:write");
  const { webhook: id, delivery: deliveryId } = deliveryRef.parse(input);
  const d = webhookDeliveries;
  return withWorkspace(ctx, async (tx) => {
    const webhook = await getWebhookInWorkspace(tx, ctx, id);
    const mine = and(
      eq(d.workspaceId, ctx.workspaceId),
      eq(d.webhookId, webhook.id),
      eq(d.id, deliveryId),
    );
    const [before] = await tx.select().from(d).where(mine).for("update");
    if (!before) throw notFound("The delivery");
    if (before.status === "pending") {
      throw new AppError("conflict", "The delivery is still being tried.");
    }
    if (webhook.status !== "active") {
      throw new AppError("conflict", "The webhook is disabled: enable it first.");
    }
    const [after = before] = await tx.update(d).set({ status: "pending" }).where(mine).returning();
    await recordAudit(tx, ctx, {
      action: "webhook.redelivered",
      subjectType: "webhook",
      subjectId: webhook.id,
      after: { name: webhook.name, deliveryId, event: before.event },
    });
    const turn = `${deliveryId}:${before.attempts}`;
    const data = { deliveryId, webhookId: webhook.id, turn };
    await emitEvent(tx, ctx, { name: DELIVERY_REQUESTED, data });
    return toDeliveryDto(after);
  });
}
