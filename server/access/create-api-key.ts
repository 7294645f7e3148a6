import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { apiKeys } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import type { Actor } from "@/server/kernel/actor";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { newApiKey } from "./api-key-format";
import { toApiKeyDto } from "./list-api-keys";
import { narrow } from "./principal";
import { requirePermission } from "./require-permission";
import { loadRole, requireNotWider } from "./role-in-workspace";
import { createApiKeyInput, type newApiKeyDto } from "./schemas";

/** Whom the key never outgrows; a key makes keys for the person it acts for. */
function makerOf(actor: Actor): string | null {
  if (actor.type === "user") return actor.userId;
  return actor.type === "apiKey" ? (actor.createdBy ?? null) : null;
}

/** Makes a key, shown once. Throws forbidden when it could do more than its maker. */
export async function createApiKey(
  ctx: Context,
  input: z.input<typeof createApiKeyInput>,
): Promise<z.infer<typeof newApiKeyDto>> {
  requirePermission(ctx, "api_keys:write");
  const { name, role, scopes, expiresInDays } = createApiKeyInput.parse(input);
  const made = newApiKey();
  const now = ctx.now();
  return withWorkspace(ctx, async (tx) => {
    const wanted = narrow(await loadRole(tx, ctx, role), scopes);
    requireNotWider(ctx, wanted, "A key may not do more than its maker");
    const [row] = await tx
      .insert(apiKeys)
      .values({
        workspaceId: ctx.workspaceId,
        id: newId(now.getTime()),
        publicId: made.publicId,
        secretHash: made.secretHash,
        name,
        role,
        scopes,
        createdBy: makerOf(ctx.actor),
        createdAt: now,
        expiresAt: expiresInDays ? new Date(now.getTime() + expiresInDays * 86_400_000) : null,
      })
      .returning();
    if (!row) throw new Error("insert returned no row");
    const dto = toApiKeyDto(row);
    await recordAudit(tx, ctx, {
      action: "api_key.created",
      subjectType: "api_key",
      subjectId: row.id,
      after: dto,
    });
    await announceChange(tx, ctx, "access", row.id);
    return { ...dto, key: made.key };
  });
}
