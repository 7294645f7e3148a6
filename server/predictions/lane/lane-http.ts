import type { IncomingMessage, ServerResponse } from "node:http";
import {
  actorAllows,
  apiKeyOf,
  type Permission,
  type Principal,
  requirePermission,
} from "@/server/access";
import {
  CALLER_GONE_STATUS,
  CallerDeparture,
  CallerGone,
  type Departure,
} from "@/server/kernel/departure";
import { AppError, asAppError, ERRORS } from "@/server/kernel/errors";
import { callerAddress, rateHeaders, tooMany } from "@/server/limits";
import { readBody } from "@/server/node/http/read-body";
import { endWith } from "@/server/node/http/send";
import { ProtocolError } from "@/server/protocols/open-inference/codec";
import type { Runtime } from "@/server/runtime";

/** Answers true when the request was its own. */
export type Lane = (req: IncomingMessage, res: ServerResponse) => boolean;

/** A reply that `send` adds the limits of its caller to: name, value, name, value. */
export type LaneResponse = ServerResponse & { rateHeaders?: readonly string[] };

/** What is known of a caller before it is looked up, whatever the wire format. */
export interface Caller {
  authorization: string | undefined;
  /** The workspace the caller names, for credentials that are good in several. */
  tenant: string | null;
  /** Where the connection comes from. */
  address: string | undefined;
  forwardedFor: string | undefined;
}

/**
 * The caller of a request, by API key alone: browser sessions have no business on this lane.
 * Counts the call. Throws unauthenticated, forbidden, rate_limited.
 */
export function authenticateKey(
  runtime: Pick<Runtime, "resolver" | "limits">,
  req: IncomingMessage,
  res: LaneResponse,
  permission: Permission,
): Promise<Principal> {
  const caller: Caller = {
    authorization: req.headers.authorization,
    tenant: (req.headers["x-tenant-id"] as string | undefined) ?? null,
    address: req.socket.remoteAddress,
    forwardedFor: req.headers["x-forwarded-for"] as string | undefined,
  };
  return authenticateCaller(runtime, caller, permission, (verdict) => {
    res.rateHeaders = rateHeaders(verdict).flat();
  });
}

/** The same for any wire format; `onVerdict` is told what the limits say, refused calls included. */
export async function authenticateCaller(
  { resolver, limits }: Pick<Runtime, "resolver" | "limits">,
  caller: Caller,
  permission: Permission,
  onVerdict: (verdict: Parameters<typeof tooMany>[0]) => void,
): Promise<Principal> {
  const header = caller.authorization;
  const key = header?.startsWith("Bearer ") ? header.slice(7).trim() : apiKeyOf(header);
  if (!key) throw new AppError("unauthenticated", "Send Authorization: Bearer <API key>.");
  const address = callerAddress(caller.address, caller.forwardedFor, limits.trustedProxies);
  limits.guesses.check(address, key);
  const principal = await resolver.byApiKey(key, caller.tenant).catch((error: unknown) => {
    if (asAppError(error)?.code === "unauthenticated") limits.guesses.wrong(address, key);
    throw error;
  });
  limits.guesses.good(key);
  const taken = limits.rate.take(principal);
  const verdict = taken instanceof Promise ? await taken : taken;
  onVerdict(verdict);
  if (!verdict.isAllowed) throw tooMany(verdict);
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

/** The value of a header by its name in lower case; the first where it came several times. */
export function headerOf(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Told when the connection ends before the reply was sent. */
export function departureOf(res: ServerResponse): Departure {
  const departure = new CallerDeparture();
  if (res.destroyed) departure.abort();
  res.once("close", () => {
    if (!res.writableFinished) departure.abort();
  });
  return departure;
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
  res: LaneResponse,
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
    "content-security-policy",
    "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy",
    "same-origin",
    ...(res.rateHeaders ?? []),
    ...headers,
  ]);
  endWith(res, body);
}

/** Status and headers of an error; the body is the protocol's own. */
export function errorHead(error: unknown): { status: number; headers: string[] } {
  const known = asAppError(error);
  const isGone = error instanceof CallerGone;
  const status = isGone ? CALLER_GONE_STATUS : ERRORS[known?.code ?? "internal"].status;
  const headers: string[] = [];
  if (status === 401) headers.push("www-authenticate", 'Bearer realm="Modelyard"');
  const retry = known?.details.retryAfterSeconds;
  if (retry) headers.push("retry-after", String(retry));
  if (typeof known?.details.allow === "string") headers.push("allow", known.details.allow);
  // The rest of a refused body is not worth reading: the connection ends with the reply.
  if (status === 413) headers.push("connection", "close");
  return { status, headers };
}
