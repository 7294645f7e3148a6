import type { IncomingMessage, ServerResponse } from "node:http";
import {
  actorAllows,
  apiKeyOf,
  type Permission,
  type Principal,
  requirePermission,
} from "@/server/access";
import { AppError, asAppError, ERRORS } from "@/server/kernel/errors";
import { readBody } from "@/server/node/http/read-body";
import { ProtocolError } from "@/server/protocols/open-inference/codec";
import type { Runtime } from "@/server/runtime";

/** Answers true when the request was its own. */
export type Lane = (req: IncomingMessage, res: ServerResponse) => boolean;

/** The caller of a request, by API key alone: browser sessions have no business on this lane. */
export async function authenticateKey(
  runtime: Pick<Runtime, "resolver">,
  req: IncomingMessage,
  permission: Permission,
): Promise<Principal> {
  const header = req.headers.authorization;
  const key = header?.startsWith("Bearer ") ? header.slice(7).trim() : apiKeyOf(header);
  if (!key) throw new AppError("unauthenticated", "Send Authorization: Bearer <API key>.");
  const principal = await runtime.resolver.byApiKey(key);
  if (!actorAllows(principal.actor, permission)) requirePermission(principal, permission);
  return principal;
}

/** The whole body, unpacked when it is gzip or deflate. Throws payload_too_large, bad_request. */
export async function readLaneBody(req: IncomingMessage, bytesMax: number): Promise<Buffer> {
  try {
    return await readBody(req, bytesMax);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw error.status === 413
      ? new AppError("payload_too_large", `The body may hold ${bytesMax} bytes at most.`)
      : new AppError("bad_request", error.message);
  }
}

/** The decoded text of one path segment. Throws bad_request. */
export function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AppError("bad_request", "The path is not valid percent encoding.");
  }
}

/** Sends a whole reply; `headers` are name, value, name, value. */
export function send(
  res: ServerResponse,
  status: number,
  requestId: string,
  contentType: string,
  body: string | Buffer,
  headers: readonly string[] = [],
): void {
  if (res.headersSent || res.destroyed) return;
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  res.writeHead(status, [
    "content-type",
    contentType,
    "content-length",
    String(length),
    "x-request-id",
    requestId,
    "cache-control",
    "no-store",
    "x-content-type-options",
    "nosniff",
    ...headers,
  ]);
  res.end(body);
}

/** Status and headers of an error; the body is the protocol's own. */
export function errorHead(error: unknown): { status: number; headers: string[] } {
  const known = asAppError(error);
  const status = ERRORS[known?.code ?? "internal"].status;
  const headers: string[] = [];
  if (status === 401) headers.push("www-authenticate", 'Bearer realm="Modelyard"');
  const retry = known?.details.retryAfterSeconds;
  if (retry) headers.push("retry-after", String(retry));
  if (typeof known?.details.allow === "string") headers.push("allow", known.details.allow);
  // The rest of a refused body is not worth reading: the connection ends with the reply.
  if (status === 413) headers.push("connection", "close");
  return { status, headers };
}

export const wrongMethod = (allow: string) =>
  new AppError("method_not_allowed", `This address answers ${allow} only.`, { allow });
