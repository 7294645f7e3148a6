import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { apiKeys } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { newId } from "@/server/kernel/ids";
import { newApiKey } from "./api-key-format";
import { ROLE_PERMISSIONS } from "./constants";
import { toApiKeyDto } from "./list-api-keys";
import { actorAllows, requirePermission } from "./require-permission";
import { createApiKeyInput, type newApiKeyDto } from "./schemas";

/** Makes a key, shown once. Throws forbidden when it could do more than its maker. */
export async function createApiKey(
  ctx: Context,
  input: z.input<typeof createApiKeyInput>,
): Promise<z.infer<typeof newApiKeyDto>> {
  requirePermission(ctx, "api_keys:write");
  const { name, role, expiresInDays } = createApiKeyInput.parse(input);
  for (const permission of ROLE_PERMISSIONS[role]) {
    if (!actorAllows(ctx.actor, permission)) {
      throw new AppError("forbidden", `A key may not do more than its maker: ${permission}.`);
    }
  }
  const made = newApiKey();
  const now = ctx.now();
  return withWorkspace(ctx, async (tx) => {
    const [row] = await tx
      .insert(apiKeys)
      .values({
        workspaceId: ctx.workspaceId,
        id: newId(now.getTime()),
        publicId: made.publicId,
        secretHash: made.secretHash,
        name,
        role,
        createdBy: ctx.actor.type === "user" ? ctx.actor.userId : null,
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
