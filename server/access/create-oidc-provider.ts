import { count, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { oidcProviders } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { type ProviderDto, toProviderDto } from "./list-oidc-providers";
import { checkIssuer, sealClientSecret } from "./oidc/provider-settings";
import { requirePermission } from "./require-permission";
import { loadRole } from "./role-in-workspace";
import { createOidcProviderInput } from "./schemas";

const PROVIDERS_MAX = 20;

/**
 * Adds a provider people sign in with; register `callbackPath` there. Throws validation_failed for
 * an issuer that may not be called or a role that does not exist.
 */
export async function createOidcProvider(
  ctx: Context,
  input: z.input<typeof createOidcProviderInput>,
): Promise<ProviderDto> {
  requirePermission(ctx, "workspace:write");
  const { clientSecret, ...values } = createOidcProviderInput.parse(input);
  checkIssuer(ctx, values.issuer);
  const id = newId(ctx.now().getTime());
  return withWorkspace(ctx, async (tx) => {
    for (const { role } of values.groupRoles) await loadRole(tx, ctx, role);
    const [there] = await tx
      .select({ providers: count() })
      .from(oidcProviders)
      .where(eq(oidcProviders.workspaceId, ctx.workspaceId));
    if ((there?.providers ?? 0) >= PROVIDERS_MAX) {
      throw new AppError("conflict", `A workspace has ${PROVIDERS_MAX} sign-in providers at most.`);
    }
    const [row] = await tx
      .insert(oidcProviders)
      .values({
        ...values,
        id,
        workspaceId: ctx.workspaceId,
        clientSecret: clientSecret && sealClientSecret(ctx, id, values.issuer, clientSecret),
        createdAt: ctx.now(),
        updatedAt: ctx.now(),
      } as typeof oidcProviders.$inferInsert)
      .returning();
    if (!row) throw new Error("insert returned no row");
    const after = toProviderDto(row);
    await recordAudit(tx, ctx, {
      action: "oidc_provider.created",
      subjectType: "oidc_provider",
      subjectId: id,
      after,
    });
    await announceChange(tx, ctx, "access", id);
    return after;
  });
}
