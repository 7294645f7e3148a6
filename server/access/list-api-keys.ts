import { and, desc, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { apiKeys } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { requirePermission } from "./require-permission";
import type { apiKeyDto } from "./schemas";

export function toApiKeyDto(row: typeof apiKeys.$inferSelect): z.infer<typeof apiKeyDto> {
  return {
    id: row.id,
    prefix: row.publicId.length === 12 ? `mdy_${row.publicId}` : "set at the first start",
    name: row.name,
    role: row.role,
    scopes: row.scopes,
    previousValidUntil: row.previousValidUntil?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}

/** Keys people made; those of single training runs come and go and are left out. */
export async function listApiKeys(ctx: Context): Promise<{ items: z.infer<typeof apiKeyDto>[] }> {
  requirePermission(ctx, "api_keys:read");
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(apiKeys)
      .where(and(eq(apiKeys.workspaceId, ctx.workspaceId), isNull(apiKeys.runId)))
      .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
      .limit(500),
  );
  return { items: rows.map(toApiKeyDto) };
}
