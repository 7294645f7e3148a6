import { and, eq, sql } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { webhookDeliveries, webhooks } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { DeliveryStatus } from "./constants";
import { sendDelivery, type Try } from "./send-delivery";

/**
 * Makes one try at a delivery and writes down how it went. Answers `again` when another try makes
 * sense; what is delivered or given up already is left alone. not audited: a delivery is its own
 * record.
 */
export async function deliver(
  ctx: Context,
  { deliveryId }: { deliveryId: string },
): Promise<Try["outcome"]> {
  requirePermission(ctx, "workspace:write");
  const found = await withWorkspace(ctx, async (tx) => {
    const [row] = await tx
      .select({ delivery: webhookDeliveries, webhook: webhooks })
      .from(webhookDeliveries)
      .innerJoin(
        webhooks,
        and(
          eq(webhooks.workspaceId, webhookDeliveries.workspaceId),
          eq(webhooks.id, webhookDeliveries.webhookId),
        ),
      )
      .where(
        and(
          eq(webhookDeliveries.workspaceId, ctx.workspaceId),
          eq(webhookDeliveries.id, deliveryId),
        ),
      );
    return row;
  });
  if (found?.delivery.status !== "pending") return "delivered";
  const { webhook, delivery } = found;
  if (webhook.deletedAt || webhook.status !== "active") {
    await note(ctx, deliveryId, "failed", {
      outcome: "refused",
      responseStatus: null,
      responseBody: null,
      error: "The webhook was switched off.",
    });
    return "refused";
  }
  const tried = await sendDelivery(ctx, webhook, delivery);
  const status = { delivered: "delivered", again: "pending", refused: "failed" } as const;
  await note(ctx, deliveryId, status[tried.outcome], tried);
  return tried.outcome;
}

/** After the last try: the delivery is given up. */
export async function giveUpDelivery(
  ctx: Context,
  { deliveryId }: { deliveryId: string },
): Promise<void> {
  requirePermission(ctx, "workspace:write");
  await withWorkspace(ctx, (tx) =>
    tx
      .update(webhookDeliveries)
      .set({ status: "failed" })
      .where(
        and(
          eq(webhookDeliveries.workspaceId, ctx.workspaceId),
          eq(webhookDeliveries.id, deliveryId),
          eq(webhookDeliveries.status, "pending"),
        ),
      ),
  );
}

async function note(
  ctx: Context,
  deliveryId: string,
  status: DeliveryStatus,
  { responseStatus, error }: Try,
): Promise<void> {
  const d = webhookDeliveries;
  await withWorkspace(ctx, (tx) =>
    tx
      .update(d)
      .set({
        status,
        responseStatus,
        error,
        attempts: sql`${d.attempts} + 1`,
        lastTriedAt: ctx.now(),
      })
      .where(and(eq(d.workspaceId, ctx.workspaceId), eq(d.id, deliveryId))),
  );
}
