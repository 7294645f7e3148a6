import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream as WebStream } from "node:stream/web";
import type { Hono, Context as HonoContext } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { Authenticate } from "@/server/access/authenticate";
import { requirePermission } from "@/server/access/require-permission";
import type { Context } from "@/server/kernel/context";
import { AppError, invalid } from "@/server/kernel/errors";
import type { AnyRoute } from "./contract";

/** JSON bodies above this are refused with 413. */
const JSON_LIMIT_BYTES = 4 * 1024 * 1024;

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
    const path =
      prefix + route.path.replaceAll(/\{(\w+)\+\}/g, ":$1{.+}").replaceAll(/\{(\w+)\}/g, ":$1");
    app.on(route.method.toUpperCase(), path, async (http) => {
      const requestId = http.get("requestId");
      const ctx = route.permission
        ? await authenticate(http.req.raw, requestId)
        : publicContext(requestId);
      if (route.permission) requirePermission(ctx, route.permission);
      const input = {
        ctx,
        params: parsePart("path", route.params, http.req.param()),
        query: parsePart("query", route.query, http.req.query()),
        body: route.body ? parsePart("body", route.body, await readJson(http)) : undefined,
        http,
        incoming: incomingOf(http),
      };
      const answer = await route.handler(input as never);
      return toResponse(http, route, answer);
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

async function readJson(http: HonoContext<HttpBindings>): Promise<unknown> {
  const type = http.req.header("content-type") ?? "";
  const declared = Number(http.req.header("content-length") ?? 0);
  if (declared > JSON_LIMIT_BYTES) throw tooLarge();
  const bytes = await readLimited(http.req.raw.body);
  if (bytes.length === 0) return {};
  if (!/^application\/(.+\+)?json\b/i.test(type)) {
    throw new AppError("unsupported_media_type", "Send the body as application/json.");
  }
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new AppError("bad_request", "The body is not valid JSON.");
  }
}

async function readLimited(body: ReadableStream<Uint8Array> | null): Promise<Buffer> {
  if (!body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > JSON_LIMIT_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = () =>
  new AppError("payload_too_large", `A JSON body may hold ${JSON_LIMIT_BYTES} bytes at most.`);
