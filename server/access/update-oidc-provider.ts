import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { oidcProviders } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getProviderInWorkspace } from "./internal";
import { type ProviderDto, toProviderDto } from "./list-oidc-providers";
import { checkIssuer, sealClientSecret } from "./oidc/provider-settings";
import { requirePermission } from "./require-permission";
import { loadRole } from "./role-in-workspace";
import { updateOidcProviderInput } from "./schemas";

type ProviderRow = typeof oidcProviders.$inferSelect;

/**
 * Changes the fields that are given. A new issuer never gets the secret of the old one: without a
 * new secret the kept one is cleared and the provider switched off. Throws conflict when the same
 * call would leave it switched on.
 */
export async function updateOidcProvider(
  ctx: Context,
  input: z.input<typeof updateOidcProviderInput>,
): Promise<ProviderDto> {
  requirePermission(ctx, "workspace:write");
  const { id, clientSecret, ...given } = updateOidcProviderInput.parse(input);
  if (given.issuer !== undefined) checkIssuer(ctx, given.issuer);
  const changes = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<ProviderRow>;
  return withWorkspace(ctx, async (tx) => {
    const before = await getProviderInWorkspace(tx, ctx, id);
    for (const { role } of given.groupRoles ?? []) await loadRole(tx, ctx, role);
    const [row = before] = await tx
      .update(oidcProviders)
      .set({
        ...changes,
        ...secretOf(ctx, before, given.issuer ?? before.issuer, clientSecret, given.enabled),
        updatedAt: ctx.now(),
      })
      .where(and(eq(oidcProviders.workspaceId, ctx.workspaceId), eq(oidcProviders.id, id)))
      .returning();
    await recordAudit(tx, ctx, {
      action: "oidc_provider.updated",
      subjectType: "oidc_provider",
      subjectId: id,
      before: toProviderDto(before),
      after: { ...toProviderDto(row), newSecret: typeof clientSecret === "string" },
    });
    await announceChange(tx, ctx, "access", id);
    return toProviderDto(row);
  });
}

function secretOf(
  ctx: Context,
  before: ProviderRow,
  issuer: string,
  given: string | null | undefined,
  enabled: boolean | undefined,
): Partial<ProviderRow> {
  if (given === null) return { clientSecret: null };
  if (given !== undefined) return { clientSecret: sealClientSecret(ctx, before.id, issuer, given) };
  if (issuer === before.issuer || before.clientSecret === null) return {};
  if (enabled) {
    throw new AppError("conflict", "Another issuer needs its own client secret: send it as well.", {
      issues: [{ path: "clientSecret", message: "is needed for the new issuer" }],
    });
  }
  return { clientSecret: null, enabled: false };
}
