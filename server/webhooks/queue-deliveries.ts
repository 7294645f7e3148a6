import { and, arrayContains, eq, isNull } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { webhookDeliveries, webhooks } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { emitEvent } from "@/server/kernel/emit-event";
import { newId } from "@/server/kernel/ids";
import { DELIVERY_REQUESTED } from "./constants";
import { deliveryBody } from "./delivery-body";
import { type RegistryEvent, readTold } from "./event-data";

/**
 * Writes a delivery for each enabled webhook that asks for an event; the same event again writes
 * none. Answers how many. not audited: what happened is in the trail already.
 */
export async function queueDeliveries(
  ctx: Context,
  happened: RegistryEvent & { eventId: string; at: Date },
): Promise<number> {
  requirePermission(ctx, "workspace:write");
  const { workspaceId } = ctx;
  return withWorkspace(ctx, async (tx) => {
    const enabled = and(
      eq(webhooks.workspaceId, workspaceId),
      eq(webhooks.status, "active"),
      isNull(webhooks.deletedAt),
    );
    // Most workspaces have none: nothing else is read for them.
    const [any] = await tx.select({ id: webhooks.id }).from(webhooks).where(enabled).limit(1);
    const told = any && (await readTold(tx, ctx, happened));
    if (!told) return 0;
    const wanting = await tx
      .select({ id: webhooks.id })
      .from(webhooks)
      .where(and(enabled, arrayContains(webhooks.events, [told.event])));
    if (wanting.length === 0) return 0;
    const body = deliveryBody(told.event, happened.at, told.data);
    const queued = await tx
      .insert(webhookDeliveries)
      .values(
        wanting.map(({ id: webhookId }) => ({
          workspaceId,
          id: newId(ctx.now().getTime()),
          webhookId,
          eventId: happened.eventId,
          event: told.event,
          body,
          status: "pending",
          createdAt: ctx.now(),
        })),
      )
      .onConflictDoNothing()
      .returning({ deliveryId: webhookDeliveries.id, webhookId: webhookDeliveries.webhookId });
    for (const { deliveryId, webhookId } of queued) {
      const data = { deliveryId, webhookId, turn: deliveryId };
      await emitEvent(tx, ctx, { name: DELIVERY_REQUESTED, data });
    }
    return queued.length;
  });
}
