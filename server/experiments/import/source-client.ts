import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { exactInt } from "@/server/kernel/exact-int";
import type { Outbound } from "@/server/kernel/outbound";

export interface SourceOptions {
  /** Address of the other server; a user and password in it are for Basic authentication. */
  uri: string;
  /** For Bearer authentication. */
  token?: string | undefined;
  /** Made with `allowPrivate`: the operator named the address. */
  outbound: Outbound;
  /** Waits between tries, milliseconds. */
  backOffMs?: readonly number[];
}

/** What the other server refused. `fatal`: nothing else can be read from it either. */
export class SourceError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly fatal: boolean,
  ) {
    super(message);
  }
}

type Query = Record<string, string>;

export interface SourceClient {
  /** The address without credentials. */
  base: string;
  get(path: string, query?: Query): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
  /** Bytes of a file; the reader ends it. */
  stream(path: string, query?: Query): Promise<IncomingMessage>;
  close(): void;
}

const BACK_OFF_MS = [500, 1000, 2000, 4000, 8000];
/** A socket on which nothing moves for this long is given up, milliseconds. */
const IDLE_MS = 60_000;
/** One JSON answer, bytes: a page of runs with their data is the largest. */
const JSON_MAX_BYTES = 256 * 1024 ** 2;
const SOCKETS_MAX = 8;

/** Reads from an MLflow server over its REST API; 429 and 5xx are tried again with growing waits. */
export function createSourceClient(options: SourceOptions): SourceClient {
  const { base, authorization } = addressOf(options);
  options.outbound.check(base);
  const Agent = base.startsWith("https:") ? HttpsAgent : HttpAgent;
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  const send = (method: string, path: string, body?: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const start = base.startsWith("https:") ? requestHttps : requestHttp;
      const headers: Record<string, string> = { accept: "*/*" };
      if (authorization) headers.authorization = authorization;
      if (body !== undefined) headers["content-type"] = "application/json";
      const { lookup } = options.outbound;
      const req = start(`${base}${path}`, { method, headers, agent, lookup, timeout: IDLE_MS });
      req.once("timeout", () => req.destroy(new Error("no answer for a minute")));
      req.once("error", reject);
      req.once("response", resolve);
      req.end(body);
    });
  const state = { base, hasAnswered: false, waits: options.backOffMs ?? BACK_OFF_MS };
  const open = async (method: string, path: string, body?: string) => {
    const reply = await send(method, path, body);
    state.hasAnswered = true;
    if (reply.statusCode !== 200) throw await refusal(base, path, reply);
    return reply;
  };
  const json = (method: string, path: string, body?: string) =>
    tryAgain(state, async () => readJson(base, await readAll(await open(method, path, body))));
  return {
    base,
    get: (path, query) => json("GET", withQuery(path, query)),
    post: (path, body) => json("POST", path, JSON.stringify(body)),
    stream: (path, query) => tryAgain(state, () => open("GET", withQuery(path, query))),
    close: () => agent.destroy(),
  };
}

/** Does what may fail in passing several times. Only a server that was there once is waited for. */
async function tryAgain<T>(
  state: { base: string; hasAnswered: boolean; waits: readonly number[] },
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const isRefusal = error instanceof SourceError;
      const wait = state.waits[tries];
      const isFinal =
        wait === undefined || (isRefusal ? !isPassing(error.status) : !state.hasAnswered);
      if (!isFinal) await sleep(wait);
      else if (isRefusal) throw error;
      else throw new SourceError(`${state.base} does not answer: ${textOf(error)}`, 0, true);
    }
  }
}

function addressOf({ uri, token }: SourceOptions): { base: string; authorization?: string } {
  if (!URL.canParse(uri)) throw new SourceError("The address is not a URL.", 0, true);
  const url = new URL(uri);
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  url.username = "";
  url.password = "";
  const base = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  if (token) return { base, authorization: `Bearer ${token}` };
  if (!user && !password) return { base };
  const basic = Buffer.from(`${user}:${password}`).toString("base64");
  return { base, authorization: `Basic ${basic}` };
}

const withQuery = (path: string, query?: Query) =>
  query ? `${path}?${new URLSearchParams(query)}` : path;

const isPassing = (status: number) => status === 429 || status >= 500;

async function refusal(base: string, path: string, reply: IncomingMessage): Promise<SourceError> {
  const status = reply.statusCode ?? 0;
  const said = messageOf(await readAll(reply).catch(() => ""));
  if (status === 401 || status === 403) {
    return new SourceError(
      `${base} refuses these credentials (${status}): pass --token, or user:password in the address.`,
      status,
      true,
    );
  }
  if (status >= 300 && status < 400) {
    const to = reply.headers.location ?? "elsewhere";
    return new SourceError(`${base} sends callers on to ${to}: pass that address.`, status, true);
  }
  const where = path.replace(/\?.*$/s, "");
  return new SourceError(`${where} answers ${status}${said ? `: ${said}` : ""}`, status, false);
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message.slice(0, 300) : "";
  } catch {
    return "";
  }
}

async function readAll(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply) {
    size += (chunk as Buffer).length;
    if (size > JSON_MAX_BYTES) {
      reply.destroy();
      throw new SourceError("An answer is larger than 256 MiB.", 0, false);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Whole numbers beyond 2^53 come as bigint. */
function readJson(base: string, text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === "number" && context?.source && /^-?\d{16,19}$/.test(context.source)
        ? exactInt(context.source)
        : value,
    );
  } catch {
    throw new SourceError(`${base} is no MLflow server: it answers no JSON.`, 200, true);
  }
}

export const textOf = (error: unknown): string =>
  error instanceof Error ? error.message || String(error) : String(error);
