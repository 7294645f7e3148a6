import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { apiKeys } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { toApiKeyDto } from "./list-api-keys";
import { requirePermission } from "./require-permission";
import { type apiKeyDto, apiKeyInput } from "./schemas";

/** The key stops working within a second; revoking it again changes nothing. */
export async function revokeApiKey(
  ctx: Context,
  input: z.input<typeof apiKeyInput>,
): Promise<z.infer<typeof apiKeyDto>> {
  requirePermission(ctx, "api_keys:write");
  const { id } = apiKeyInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const own = and(eq(apiKeys.workspaceId, ctx.workspaceId), eq(apiKeys.id, id));
    const [before] = await tx.select().from(apiKeys).where(own).for("update");
    if (!before) throw notFound("The API key");
    if (before.revokedAt) return toApiKeyDto(before);
    await tx.update(apiKeys).set({ revokedAt: ctx.now() }).where(own);
    await recordAudit(tx, ctx, {
      action: "api_key.revoked",
      subjectType: "api_key",
      subjectId: id,
      before: { name: before.name, role: before.role },
    });
    await announceChange(tx, ctx, "access", id);
    return toApiKeyDto({ ...before, revokedAt: ctx.now() });
  });
}
