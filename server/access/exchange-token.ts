import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { apiKeys } from "@/db/schema";
import { recordAudit } from "@/server/audit";
import type { Context } from "@/server/kernel/context";
import { AppError, notFound } from "@/server/kernel/errors";
import type { Permission } from "./constants";
import { requirePermission } from "./require-permission";
import { requireNotWider } from "./role-in-workspace";
import { exchangeTokenInput, type tokenDto } from "./schemas";
import { TOKEN_SECONDS } from "./short-tokens";

/**
 * A token of 15 minutes that stands for the API key of the call, within `scopes` when given. It
 * ends with the key. Throws conflict for callers without a key: people and other tokens.
 */
export async function exchangeToken(
  ctx: Context,
  input: z.input<typeof exchangeTokenInput>,
): Promise<z.infer<typeof tokenDto>> {
  requirePermission(ctx, "workspace:read");
  const { scopes } = exchangeTokenInput.parse(input);
  const { actor } = ctx;
  if (actor.type !== "apiKey" || actor.via === "token") {
    throw new AppError("conflict", "Only an API key is exchanged for a token.");
  }
  const wanted: Permission[] = scopes ?? [];
  requireNotWider(ctx, wanted, "A token may not do more than its key");
  const signer = ctx.ports.tokens;
  if (!signer) throw new AppError("unavailable", "This process makes no tokens.");
  const publicId = await withWorkspace(ctx, async (tx) => {
    const [key] = await tx
      .select({ publicId: apiKeys.publicId })
      .from(apiKeys)
      .where(and(eq(apiKeys.workspaceId, ctx.workspaceId), eq(apiKeys.id, actor.keyId)));
    if (!key) throw notFound("The API key");
    await recordAudit(tx, ctx, {
      action: "token.issued",
      subjectType: "api_key",
      subjectId: actor.keyId,
      after: { scopes, seconds: TOKEN_SECONDS },
    });
    return key.publicId;
  });
  const accessToken = await signer.sign({ keyId: actor.keyId, publicId, scopes }, ctx.now());
  return { accessToken, tokenType: "Bearer", expiresIn: TOKEN_SECONDS };
}
