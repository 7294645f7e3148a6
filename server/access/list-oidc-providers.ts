import { asc, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { oidcProviders } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { ID_TOKEN_ALGORITHMS } from "./constants";
import type { GroupRole } from "./oidc/sign-in-provider";
import { requirePermission } from "./require-permission";
import type { oidcProviderDto } from "./schemas";

export type ProviderDto = z.infer<typeof oidcProviderDto>;

export const toProviderDto = (row: typeof oidcProviders.$inferSelect): ProviderDto => ({
  id: row.id,
  name: row.name,
  issuer: row.issuer,
  clientId: row.clientId,
  algorithm: row.algorithm as (typeof ID_TOKEN_ALGORITHMS)[number],
  scopes: row.scopes,
  groupClaim: row.groupClaim,
  groupRoles: row.groupRoles as GroupRole[],
  enabled: row.enabled,
  hasClientSecret: row.clientSecret !== null,
  callbackPath: `/api/auth/callback/${row.id}`,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

/** Sign-in providers by name; secrets are never among what is answered. */
export async function listOidcProviders(ctx: Context): Promise<{ items: ProviderDto[] }> {
  requirePermission(ctx, "workspace:write");
  const rows = await withWorkspace(ctx, (tx) =>
    tx
      .select()
      .from(oidcProviders)
      .where(eq(oidcProviders.workspaceId, ctx.workspaceId))
      .orderBy(asc(oidcProviders.name), asc(oidcProviders.id)),
  );
  return { items: rows.map(toProviderDto) };
}
