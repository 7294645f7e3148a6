import { promises as dns, type LookupAddress, type LookupOptions } from "node:dns";
import { type IncomingHttpHeaders, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isLoopback, isPublicAddress, isReservedForHost } from "./address-ranges";
import { AppError, invalid } from "./errors";

export interface OutboundOptions {
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string;
  /** From the first byte out to the last byte in, milliseconds. */
  timeoutMs?: number;
  limitBytes?: number;
}

export interface OutboundReply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** The only way out to addresses that users supply. */
export interface Outbound {
  /** The URL when it may be called. Throws validation_failed, before any name is resolved. */
  check(url: string): URL;
  /** One request, no redirects. Throws validation_failed for refused addresses, unavailable else. */
  request(url: string, options?: OutboundOptions): Promise<OutboundReply>;
  /** For libraries that make their own sockets: resolves once and refuses by every address. */
  lookup: LookupFunction;
}

export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

const PORTS = new Set(["", "443", "8443"]);
const URL_LENGTH_MAX = 2048;
const TIMEOUT_MS = 10_000;
const LIMIT_BYTES = 1024 * 1024;

const refuse = (why: string) =>
  invalid(`This address is refused: ${why}.`, [{ path: "url", message: why }]);

/**
 * `allowPrivate` is for development and closed networks: it opens private addresses, any port, and
 * plain http to loopback. Link-local addresses, where clouds keep their metadata, stay closed.
 */
export function createOutbound(settings: { allowPrivate: boolean; resolve?: Resolve }): Outbound {
  const resolve: Resolve = settings.resolve ?? ((host) => dns.lookup(host, { all: true }));
  const good = (address: string): boolean =>
    isPublicAddress(address) || (settings.allowPrivate && !isReservedForHost(address));
  const addressesOf = async (host: string): Promise<LookupAddress[]> => {
    const family = isIP(host);
    const all = family ? [{ address: host, family }] : await resolve(host);
    const bad = all.length === 0 || all.some(({ address }) => !good(address));
    if (bad) throw refuse("it is not on the public internet");
    return all;
  };
  const lookup = guardedLookup(addressesOf);
  const check = (text: string): URL => checkUrl(text, settings.allowPrivate, good);
  return {
    check,
    lookup,
    async request(text, options = {}) {
      const url = check(text);
      const addresses = await addressesOf(hostOf(url)).catch(asOutboundError);
      const loopback = addresses.every(({ address }) => isLoopback(address));
      if (url.protocol === "http:" && !loopback) throw refuse("it must begin with https://");
      // The socket goes to what was checked: a second answer of the name server is never asked for.
      return send(url, pinned(addresses), options).catch(asOutboundError);
    },
  };
}

export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");

function checkUrl(text: string, allowPrivate: boolean, good: (address: string) => boolean): URL {
  if (text.length > URL_LENGTH_MAX || !URL.canParse(text)) throw refuse("it is not a URL");
  const url = new URL(text);
  const host = hostOf(url);
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:")) {
    throw refuse("it must begin with https://");
  }
  if (url.username || url.password) throw refuse("it carries a user name");
  if (!allowPrivate && !PORTS.has(url.port)) throw refuse("only ports 443 and 8443 are called");
  if (isIP(host) && !good(host)) throw refuse("it is not on the public internet");
  const isLocalName = /(^|\.)(localhost|local|internal|home\.arpa)\.?$/i.test(host);
  if (!allowPrivate && (isLocalName || (!isIP(host) && !host.includes(".")))) {
    throw refuse("it is not on the public internet");
  }
  return url;
}

const pinned = (addresses: LookupAddress[]): LookupFunction =>
  guardedLookup(() => Promise.resolve(addresses));

function guardedLookup(addressesOf: Resolve): LookupFunction {
  return (hostname, options: LookupOptions, done) => {
    addressesOf(hostname).then(
      (all) => {
        const wanted = options.family ? all.filter((one) => one.family === options.family) : all;
        const [first] = wanted.length > 0 ? wanted : all;
        if (options.all) done(null, wanted.length > 0 ? wanted : all);
        else done(null, first?.address ?? "", first?.family);
      },
      (error: unknown) => done(error as NodeJS.ErrnoException, ""),
    );
  };
}

function send(url: URL, lookup: LookupFunction, options: OutboundOptions): Promise<OutboundReply> {
  const { method = "GET", headers = {}, body, timeoutMs = TIMEOUT_MS } = options;
  const limitBytes = options.limitBytes ?? LIMIT_BYTES;
  const start = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    // No agent: a pooled socket would have been opened under an earlier check.
    const req = start(url, { method, headers, lookup, signal, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      let size = 0;
      res.on("data", (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size <= limitBytes) return;
        reject(new Error("the answer is too large"));
        req.destroy();
      });
      res.once("error", reject);
      res.once("end", () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    req.once("error", reject);
    req.end(body);
  });
}

function asOutboundError(error: unknown): never {
  if (error instanceof AppError) throw error;
  throw new AppError("unavailable", "The address does not answer as it should.", {
    retryAfterSeconds: 5,
  });
}
