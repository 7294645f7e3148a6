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
  publicUrl?: string,
): Authenticate {
  return async (request, requestId) => {
    const header = request.headers.get("authorization");
    if (header) {
      const key = apiKeyOf(header);
      if (!key) {
        throw new AppError("unauthenticated", "Send Authorization: Bearer <API key>.");
      }
      return contextOf(await resolver.byApiKey(key, namedWorkspace(request)), requestId);
    }
    const token = sessionTokenOf(request.headers.get("cookie"));
    if (!token) {
      throw new AppError("unauthenticated", "Send Authorization: Bearer <API key>, or sign in.");
    }
    refuseForeignOrigin(request, publicUrl);
    const workspace =
      request.headers.get("x-modelyard-workspace") ??
      workspaceOfPath(request.url) ??
      new URL(request.url).searchParams.get("workspace");
    if (!workspace) {
      throw new AppError("bad_request", "Name the workspace in the header X-Modelyard-Workspace.");
    }
    return contextOf(await resolver.bySession(token, workspace), requestId);
  };
}

/** The workspace in a path of the form /w/<workspace>/…, which MLflow clients may be given. */
function workspaceOfPath(url: string): string | undefined {
  const encoded = /^(?:[a-z]+:\/\/[^/]+)?\/w\/([^/?#]+)/i.exec(url)?.[1];
  try {
    return encoded && decodeURIComponent(encoded);
  } catch {
    throw new AppError("bad_request", "The workspace in the path is not valid.");
  }
}

/**
 * The workspace a request with a key asks for, by path or header; the key must reach it. Throws
 * bad_request when path and headers name different ones.
 */
function namedWorkspace(request: Request): string | undefined {
  const names = [
    workspaceOfPath(request.url),
    request.headers.get("x-tenant-id"),
    request.headers.get("x-mlflow-workspace"),
  ].filter((name) => name !== null && name !== undefined && name !== "");
  const [first, ...others] = new Set(names);
  if (others.length > 0) {
    throw new AppError("bad_request", "Path and headers name different workspaces.");
  }
  return first ?? undefined;
}

/**
 * A cookie travels by itself, so a write must come from a page of our own: of the host that was
 * asked, or of `publicUrl` where a proxy in front asks under another name. Throws forbidden.
 */
export function refuseForeignOrigin(request: Request, publicUrl?: string): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  const origin = request.headers.get("origin");
  const host = request.headers.get("host") ?? new URL(request.url).host;
  const from = origin !== null && URL.canParse(origin) ? new URL(origin) : null;
  const isPublic = publicUrl !== undefined && from?.origin === new URL(publicUrl).origin;
  const good = from !== null && (from.host === host || isPublic);
  if (!good) throw new AppError("forbidden", "Writes from another origin are refused.");
}
