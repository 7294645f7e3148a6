import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { getProviderInWorkspace } from "./internal";
import { discover } from "./oidc/discover";
import { requirePermission } from "./require-permission";
import { oidcProviderInput, type oidcTestDto } from "./schemas";

/** Asks the provider to describe itself, without credentials, and says what is wrong if anything. */
export async function testOidcProvider(
  ctx: Context,
  input: z.input<typeof oidcProviderInput>,
): Promise<z.infer<typeof oidcTestDto>> {
  requirePermission(ctx, "workspace:write");
  const { id } = oidcProviderInput.parse(input);
  const { issuer } = await withWorkspace(ctx, (tx) => getProviderInWorkspace(tx, ctx, id));
  const { outbound } = ctx.ports;
  if (!outbound) throw new AppError("unavailable", "This process calls no identity providers.");
  try {
    await discover(outbound, issuer);
    return { ok: true, message: "The provider answers and names this issuer." };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ok: false, message: error.message };
  }
}
