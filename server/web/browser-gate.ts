import type { IncomingMessage, ServerResponse } from "node:http";
import { ERRORS, type ErrorCode } from "@/server/kernel/errors";
import { createHostCheck, type HostSettings, isOwnOrigin } from "./allowed-hosts";

/** Answers true when it refused the request. */
export type Gate = (req: IncomingMessage, res: ServerResponse, isPage: boolean) => boolean;

export interface GateSettings extends HostSettings {
  isDev?: boolean;
}

/** Methods that exist here; fetch's own Request cannot even carry the others. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const isRead = (method: string | undefined): boolean => method === "GET" || method === "HEAD";

/**
 * Stands before every lane that browsers use: strange hosts and foreign origins are refused before
 * anything looks at the cookie they bring.
 */
export function createGate(settings: GateSettings): Gate {
  const isOurHost = createHostCheck(settings);
  return (req, res, isPage) => {
    const method = req.method ?? "GET";
    if (!METHODS.has(method)) {
      refuse(res, "method_not_allowed", "This method is not used here.", ["allow", "GET, HEAD"]);
      return true;
    }
    const path = pathOf(req);
    if (!path.startsWith("/")) {
      refuse(res, "bad_request", "Ask for a path, not for an address.");
      return true;
    }
    const isSignIn = path.startsWith("/api/auth/") || path.startsWith("/signin/");
    if (isPage && !isSignIn && !isRead(method) && !settings.isDev) {
      refuse(res, "method_not_allowed", "Pages are only read.", ["allow", "GET, HEAD"]);
      return true;
    }
    if (path.startsWith("/_next/image")) {
      refuse(res, "not_found", "There is no such page.");
      return true;
    }
    const { cookie, authorization, host, origin } = req.headers;
    const isBrowser = isPage || isSignIn || (cookie !== undefined && authorization === undefined);
    if (!isBrowser) return false;
    if (!isOurHost(host)) {
      const text =
        "This name is not served here. Add it to the setting ALLOWED_HOSTS, or set MODELYARD_URL.";
      refuse(res, "forbidden", text, [], 421);
      return true;
    }
    if (isRead(method)) return false;
    const isForeign =
      origin === undefined
        ? cookie !== undefined
        : !isOwnOrigin(origin, host, settings.MODELYARD_URL);
    if (isForeign) refuse(res, "forbidden", "Writes from another origin are refused.");
    return isForeign;
  };
}

export const pathOf = (req: IncomingMessage): string => {
  const url = req.url ?? "/";
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
};

function refuse(
  res: ServerResponse,
  code: ErrorCode,
  detail: string,
  headers: string[] = [],
  status: number = ERRORS[code].status,
): void {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    res.setHeader(headers[at] ?? "", headers[at + 1] ?? "");
  }
  res.setHeader("content-type", "application/problem+json");
  res.setHeader("cache-control", "no-store");
  // The body was not read, so the connection ends with the answer.
  res.setHeader("connection", "close");
  res.statusCode = status;
  const { title } = ERRORS[code];
  res.end(JSON.stringify({ type: `/docs/errors#${code}`, title, status, detail, code }));
}
