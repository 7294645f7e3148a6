import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import type { Principal } from "./principal";
import type { CredentialResolver } from "./resolve-credentials";
import { sessionTokenOf } from "./session-token";

export type Authenticate = (request: Request, requestId: string) => Promise<Context>;

/** The API key of an Authorization header: Bearer, or Basic with the key as password. */
export function apiKeyOf(authorization: string | null | undefined): string | undefined {
  if (!authorization) return undefined;
  const [scheme = "", value = ""] = authorization.split(/\s+/, 2);
  if (/^bearer$/i.test(scheme)) return value || undefined;
  if (!/^basic$/i.test(scheme)) return undefined;
  const text = Buffer.from(value, "base64").toString("utf8");
  const at = text.indexOf(":");
  const password = at >= 0 ? text.slice(at + 1) : "";
  return password || (at >= 0 ? text.slice(0, at) : text) || undefined;
}

/** Turns a request into a context: API key first, else the browser session of a workspace. */
export function createAuthenticate(
  resolver: CredentialResolver,
  contextOf: (principal: Principal, requestId: string) => Context,
): Authenticate {
  return async (request, requestId) => {
    const header = request.headers.get("authorization");
    if (header) {
      const key = apiKeyOf(header);
      if (!key) {
        throw new AppError("unauthenticated", "Send Authorization: Bearer <API key>.");
      }
      return contextOf(await resolver.byApiKey(key, request.headers.get("x-tenant-id")), requestId);
    }
    const token = sessionTokenOf(request.headers.get("cookie"));
    if (!token) {
      throw new AppError("unauthenticated", "Send Authorization: Bearer <API key>, or sign in.");
    }
    refuseForeignOrigin(request);
    const workspace =
      request.headers.get("x-modelyard-workspace") ??
      new URL(request.url).searchParams.get("workspace");
    if (!workspace) {
      throw new AppError("bad_request", "Name the workspace in the header X-Modelyard-Workspace.");
    }
    return contextOf(await resolver.bySession(token, workspace), requestId);
  };
}

/** A cookie travels by itself, so a write must come from a page of our own. */
export function refuseForeignOrigin(request: Request): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  const origin = request.headers.get("origin");
  const host = request.headers.get("host") ?? new URL(request.url).host;
  const good = origin !== null && URL.canParse(origin) && new URL(origin).host === host;
  if (!good) throw new AppError("forbidden", "Writes from another origin are refused.");
}
