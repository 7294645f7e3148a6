import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { webhookDeliveries } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, keyset, type Page, toPage } from "@/server/kernel/paging";
import { getWebhookInWorkspace, toDeliveryDto } from "./internal";
import { type DeliveryDto, listDeliveriesInput } from "./schemas";

/** A page of a webhook's deliveries, newest first. Throws not_found. */
export async function listDeliveries(
  ctx: Context,
  input: z.input<typeof listDeliveriesInput>,
): Promise<Page<DeliveryDto>> {
  requirePermission(ctx, "workspace:write");
  const query = listDeliveriesInput.parse(input);
  const d = webhookDeliveries;
  const page = keyset(byDate(d.createdAt), d.id, query);
  return withWorkspace(ctx, async (tx) => {
    const webhook = await getWebhookInWorkspace(tx, ctx, query.webhook);
    const rows = await tx
      .select()
      .from(d)
      .where(
        and(
          eq(d.workspaceId, ctx.workspaceId),
          eq(d.webhookId, webhook.id),
          query.status ? eq(d.status, query.status) : undefined,
          page.where,
        ),
      )
      .orderBy(...page.orderBy)
      .limit(query.limit + 1);
    return toPage(rows, query.limit, (row) => [row.createdAt.toISOString(), row.id], toDeliveryDto);
  });
}
