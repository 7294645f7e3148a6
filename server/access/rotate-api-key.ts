import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { apiKeys } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import { newApiKey } from "./api-key-format";
import { toApiKeyDto } from "./list-api-keys";
import { narrow } from "./principal";
import { requirePermission } from "./require-permission";
import { loadRole, requireNotWider } from "./role-in-workspace";
import { type newApiKeyDto, rotateApiKeyInput } from "./schemas";

/**
 * Gives a key a new secret, shown once; the old one works until the overlap ends. Throws forbidden
 * when the key may do more than the caller, conflict for a revoked or expired key.
 */
export async function rotateApiKey(
  ctx: Context,
  input: z.input<typeof rotateApiKeyInput>,
): Promise<z.infer<typeof newApiKeyDto>> {
  requirePermission(ctx, "api_keys:write");
  const { id, overlapHours } = rotateApiKeyInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const own = and(eq(apiKeys.workspaceId, ctx.workspaceId), eq(apiKeys.id, id));
    const [before] = await tx.select().from(apiKeys).where(own).for("update");
    if (!before || before.runId) throw notFound("The API key");
    const now = ctx.now();
    if (before.revokedAt || (before.expiresAt && before.expiresAt <= now)) {
      throw new AppError("conflict", "This key is revoked or expired. Make a new one.");
    }
    if (before.publicId.length !== 12) {
      throw new AppError("conflict", "This key was set at the first start. Make a new one.");
    }
    const holds = narrow(await loadRole(tx, ctx, before.role), before.scopes);
    requireNotWider(ctx, holds, "Nobody takes over a key that may do more than themselves");
    const made = newApiKey(before.publicId);
    const previousValidUntil = new Date(now.getTime() + overlapHours * 3_600_000);
    const [row] = await tx
      .update(apiKeys)
      .set({
        secretHash: made.secretHash,
        previousSecretHash: before.secretHash,
        previousValidUntil,
      })
      .where(own)
      .returning();
    if (!row) throw notFound("The API key");
    const dto = toApiKeyDto(row);
    await recordAudit(tx, ctx, {
      action: "api_key.rotated",
      subjectType: "api_key",
      subjectId: id,
      before: toApiKeyDto(before),
      after: dto,
    });
    await announceChange(tx, ctx, "access", id);
    return { ...dto, key: made.key };
  });
}
