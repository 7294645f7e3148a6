import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { members, oidcProviders } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { getProviderInWorkspace } from "./internal";
import { toProviderDto } from "./list-oidc-providers";
import { requirePermission } from "./require-permission";
import { oidcProviderInput } from "./schemas";

/** Takes a provider away with the memberships its groups gave: nobody would renew or end them. */
export async function deleteOidcProvider(
  ctx: Context,
  input: z.input<typeof oidcProviderInput>,
): Promise<{ id: string }> {
  requirePermission(ctx, "workspace:write");
  const { id } = oidcProviderInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const before = await getProviderInWorkspace(tx, ctx, id);
    const left = await tx
      .delete(members)
      .where(and(eq(members.workspaceId, ctx.workspaceId), eq(members.providerId, id)))
      .returning({ userId: members.userId });
    await tx
      .delete(oidcProviders)
      .where(and(eq(oidcProviders.workspaceId, ctx.workspaceId), eq(oidcProviders.id, id)));
    await recordAudit(tx, ctx, {
      action: "oidc_provider.deleted",
      subjectType: "oidc_provider",
      subjectId: id,
      before: { ...toProviderDto(before), members: left.map(({ userId }) => userId) },
    });
    await announceChange(tx, ctx, "access", id);
    return { id };
  });
}
