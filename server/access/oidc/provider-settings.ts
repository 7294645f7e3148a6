import type { Context } from "@/server/kernel/context";
import { AppError, invalid } from "@/server/kernel/errors";
import { secretContext } from "./sign-in-provider";

/** Throws validation_failed for an issuer that is none, or that the outbound guard refuses. */
export function checkIssuer(ctx: Pick<Context, "ports">, issuer: string): void {
  const url = ctx.ports.outbound?.check(issuer);
  if (!url) throw new AppError("unavailable", "This process calls no identity providers.");
  if (url.search || url.hash || /\/\.well-known(\/|$)/.test(url.pathname)) {
    throw invalid("An issuer has no query, and no /.well-known/… at its end.", [
      { path: "issuer", message: "is not an issuer" },
    ]);
  }
}

/** Seals a client secret for one provider at one issuer. */
export function sealClientSecret(
  ctx: Pick<Context, "ports" | "workspaceId">,
  id: string,
  issuer: string,
  secret: string,
): Buffer {
  const box = ctx.ports.secrets;
  if (!box) throw new AppError("unavailable", "This process keeps no secrets.");
  return box.seal(secretContext(ctx.workspaceId, id, issuer), secret);
}
