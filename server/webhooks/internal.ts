import { and, eq, isNull } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { type webhookDeliveries, webhooks } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import type { DeliveryDto, WebhookDto } from "./schemas";

export type WebhookRow = typeof webhooks.$inferSelect;

/** Loads a webhook that is not deleted. Throws not_found. */
export async function getWebhookInWorkspace(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  id: string,
  lock = false,
): Promise<WebhookRow> {
  const query = tx
    .select()
    .from(webhooks)
    .where(
      and(
        eq(webhooks.workspaceId, ctx.workspaceId),
        eq(webhooks.id, id),
        isNull(webhooks.deletedAt),
      ),
    );
  const [row] = lock ? await query.for("update") : await query;
  if (!row) throw notFound("The webhook");
  return row;
}

export const toWebhookDto = (row: WebhookRow): WebhookDto => ({
  id: row.id,
  name: row.name,
  description: row.description,
  url: row.url,
  events: row.events as WebhookDto["events"],
  status: row.status as WebhookDto["status"],
  hasSecret: row.secret !== null,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

export const toDeliveryDto = (row: typeof webhookDeliveries.$inferSelect): DeliveryDto => ({
  id: row.id,
  webhookId: row.webhookId,
  event: row.event as DeliveryDto["event"],
  status: row.status as DeliveryDto["status"],
  body: row.body,
  attempts: row.attempts,
  responseStatus: row.responseStatus,
  error: row.error,
  createdAt: row.createdAt.toISOString(),
  lastTriedAt: row.lastTriedAt?.toISOString() ?? null,
});

type Ported = Pick<Context, "ports" | "workspaceId">;

/** Throws validation_failed for an address the outbound guard refuses. */
export function checkUrl(ctx: Ported, url: string): void {
  if (!ctx.ports.outbound) throw new AppError("unavailable", "This process calls nothing outside.");
  ctx.ports.outbound.check(url);
}

/** Binds a sealed secret to its webhook, so that it opens nowhere else. */
const place = (ctx: Ported, id: string) => `webhook:${ctx.workspaceId}:${id}`;

const box = (ctx: Ported) => {
  if (ctx.ports.secrets) return ctx.ports.secrets;
  throw new AppError("unavailable", "This process keeps no secrets.");
};

export const sealSecret = (ctx: Ported, id: string, secret: string): Buffer =>
  box(ctx).seal(place(ctx, id), secret);

/** The secret deliveries are signed with; null when there is none. */
export const openSecret = (ctx: Ported, row: Pick<WebhookRow, "id" | "secret">): string | null =>
  row.secret && box(ctx).open(place(ctx, row.id), row.secret);
