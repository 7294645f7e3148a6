import { and, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { webhooks } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { byDate, keyset, type Page, toPage } from "@/server/kernel/paging";
import { toWebhookDto } from "./internal";
import { listWebhooksInput, type WebhookDto } from "./schemas";

/** A page of webhooks, newest first; secrets are never among what is answered. */
export async function listWebhooks(
  ctx: Context,
  input: z.input<typeof listWebhooksInput>,
): Promise<Page<WebhookDto>> {
  requirePermission(ctx, "workspace:write");
  const query = listWebhooksInput.parse(input);
  const page = keyset(byDate(webhooks.createdAt), webhooks.id, query);
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(webhooks)
      .where(and(eq(webhooks.workspaceId, ctx.workspaceId), isNull(webhooks.deletedAt), page.where))
      .orderBy(...page.orderBy)
      .limit(query.limit + 1),
  );
  return toPage(rows, query.limit, (row) => [row.createdAt.toISOString(), row.id], toWebhookDto);
}
