import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream as WebStream } from "node:stream/web";
import type { Hono, Context as HonoContext } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { Authenticate } from "@/server/access/authenticate";
import { requirePermission } from "@/server/access/require-permission";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid, wrongMethod } from "@/server/kernel/errors";
import { readJsonBytes, within } from "@/server/limits";
import { answerOnce } from "./answer-once";
import { type AnyRoute, createsSomething } from "./contract";

/** JSON bodies above this are refused with 413, unless the route allows more. */
const JSON_LIMIT_BYTES = 1024 * 1024;
/** How long a body may take to come, and an answer to be made, milliseconds. */
const DEADLINE_MS = 30_000;
const STREAM_MS = 600_000;

export interface HttpBindings {
  Bindings: { incoming: IncomingMessage };
  Variables: { requestId: string };
}

/** Puts every contract on the Hono app: credentials, permission, validation, handler, reply. */
export function mountRoutes(
  app: Hono<HttpBindings>,
  prefix: string,
  routes: AnyRoute[],
  authenticate: Authenticate,
  publicContext: (requestId: string) => Context,
): void {
  for (const route of routes) {
    app.on(route.method.toUpperCase(), honoPath(prefix, route), async (http) => {
      const requestId = http.get("requestId");
      const ctx = route.permission
        ? await authenticate(http.req.raw, requestId)
        : publicContext(requestId);
      if (route.permission) requirePermission(ctx, route.permission);
      route.admit?.(ctx, http);
      const params = parsePart("path", route.params, http.req.param());
      const query = parsePart("query", route.query, http.req.query());
      const bytes = await readBody(http, route);
      const body = route.body ? parsePart("body", route.body, parseJson(http, bytes)) : undefined;
      const answer = (incoming: IncomingMessage) =>
        route
          .handler({ ctx, params, query, body, http, incoming } as never)
          .then((made) => toResponse(http, route, made));
      const isUpload = route.streamBody !== undefined;
      const call = { ctx, http, bytes, incoming: incomingOf(http), isUpload };
      const made = createsSomething(route) ? answerOnce(call, answer) : answer(call.incoming);
      return within(
        made,
        route.deadlineMs ?? (route.streamBody ? STREAM_MS : DEADLINE_MS),
        tooSlow,
      );
    });
  }
  refuseOtherMethods(app, prefix, routes);
}

const honoPath = (prefix: string, route: AnyRoute): string =>
  prefix + route.path.replaceAll(/\{(\w+)\+\}/g, ":$1{.+}").replaceAll(/\{(\w+)\}/g, ":$1");

/** Every other verb on a known path answers 405 and says which ones there are. */
function refuseOtherMethods(app: Hono<HttpBindings>, prefix: string, routes: AnyRoute[]): void {
  const verbs = new Map<string, Set<string>>();
  for (const route of routes) {
    const path = honoPath(prefix, route).replaceAll(/:\w+/g, ":x");
    if (!verbs.has(path))
      verbs.set(path, verbsOf(route.path.replaceAll(/\{[^}]+\}/g, "x"), routes));
  }
  // A path written out goes before those with parameters that fit it, too.
  const parameters = (path: string) => path.split(":x").length;
  const writtenOutFirst = [...verbs].sort(([a], [b]) => parameters(a) - parameters(b));
  for (const [path, known] of writtenOutFirst) {
    app.all(path, () => {
      throw wrongMethod([...known].sort().join(", "));
    });
  }
}

/** The Node request; inside Next, where there is none, its body and headers in the same shape. */
function incomingOf(http: HonoContext<HttpBindings>): IncomingMessage {
  if (http.env?.incoming) return http.env.incoming;
  const { body, headers, method } = http.req.raw;
  const stream = body ? Readable.fromWeb(body as WebStream) : Readable.from([]);
  return asIncoming(Object.assign(stream, { headers: Object.fromEntries(headers), method }));
}

/** Handlers read only the stream, the headers and the method of a request. */
const asIncoming = (value: Readable & { headers: Record<string, string> }): IncomingMessage =>
  value as unknown as IncomingMessage;

function toResponse(http: HonoContext, route: AnyRoute, answer: unknown): Response {
  if (answer instanceof Response) return answer;
  if (route.status === 204 || !route.reply) return http.body(null, 204);
  const reply = route.reply.safeParse(answer);
  // Our own fault, so it must not look like the caller's.
  if (!reply.success) {
    throw new Error(`${route.operationId} broke its reply contract`, { cause: reply.error });
  }
  return http.json(reply.data as object, route.status as ContentfulStatusCode);
}

function parsePart(where: string, schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidInput(where, parsed.error);
}

/** What a zod error says, as the product's own validation error. */
export function invalidInput(where: string, error: z.ZodError): AppError {
  const issues = error.issues.slice(0, 20).map((issue) => ({
    path: issue.path.map(String).join("."),
    message: issue.message,
  }));
  const first = issues[0];
  const place = first?.path ? `${first.path}: ` : "";
  return invalid(`The ${where} is not valid: ${place}${first?.message}`, issues);
}

/** The JSON body; empty for routes that take none or read it as a stream. */
function readBody(http: HonoContext<HttpBindings>, route: AnyRoute): Promise<Buffer> {
  if (!route.body) return Promise.resolve(Buffer.alloc(0));
  const bytes = readJsonBytes(http.req.raw, route.bodyLimitBytes ?? JSON_LIMIT_BYTES);
  return within(bytes, DEADLINE_MS, () => new AppError("bad_request", "The body came too slowly."));
}

function parseJson(http: HonoContext<HttpBindings>, bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  if (!/^application\/(.+\+)?json\b/i.test(http.req.header("content-type") ?? "")) {
    throw new AppError("unsupported_media_type", "Send the body as application/json.");
  }
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new AppError("bad_request", "The body is not valid JSON.");
  }
}

const tooSlow = () =>
  new AppError("unavailable", "The answer took too long. Try again in a moment.", {
    retryAfterSeconds: 5,
  });

/** The verbs of every route that fits a path: `/runs/{run}` fits `/runs/export`, too. */
function verbsOf(path: string, routes: AnyRoute[]): Set<string> {
  const fits = routes.filter((route) => {
    const pattern = route.path.replaceAll(/\{\w+\+\}/g, ".+").replaceAll(/\{\w+\}/g, "[^/]+");
    return new RegExp(`^${pattern}$`).test(path);
  });
  const known = new Set(fits.map(({ method }) => method.toUpperCase()));
  return known.has("GET") ? known.add("HEAD") : known;
}
