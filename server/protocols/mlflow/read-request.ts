import type { Context as HonoContext } from "hono";
import { readJsonBytes } from "@/server/limits";
import type { HttpBindings } from "@/server/protocols/rest/mount-routes";
import type { AnyMlflowRoute } from "./contract";
import { invalidParameter } from "./errors";

const BODY_LIMIT_BYTES = 4 * 1024 * 1024;

/** The raw request message of a call: body or query arguments, and the placeholders of the path. */
export async function readRequest(
  http: HonoContext<HttpBindings>,
  route: AnyMlflowRoute,
): Promise<Record<string, unknown>> {
  const inPath = route.path.includes(":") ? http.req.param() : {};
  const args = http.req.queries();
  if (http.req.method === "GET" && Object.keys(args).length > 0) {
    return { ...fromArguments(route, args), ...inPath };
  }
  refuseContentType(http);
  return { ...(await readBody(http, route.bodyLimitBytes ?? BODY_LIMIT_BYTES)), ...inPath };
}

/** The JSON body of a POST that is no message of a route. */
export function readJsonBody(http: HonoContext<HttpBindings>): Promise<Record<string, unknown>> {
  refuseContentType(http);
  return readBody(http, BODY_LIMIT_BYTES);
}

function fromArguments(
  route: AnyMlflowRoute,
  args: Record<string, string[]>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([name, values]) => [
      name,
      route.fields[name]?.repeated ? values : values[0],
    ]),
  );
}

function refuseContentType(http: HonoContext): void {
  if (http.req.method !== "POST") return;
  const type = http.req.header("content-type");
  if (!type) throw invalidParameter("Bad Request. Content-Type header is missing.");
  if (type.split(";", 1)[0]?.trim().toLowerCase() !== "application/json") {
    throw invalidParameter("Bad Request. Content-Type must be one of ['application/json'].");
  }
}

async function readBody(
  http: HonoContext<HttpBindings>,
  limit: number,
): Promise<Record<string, unknown>> {
  const text = (await readJsonBytes(http.req.raw, limit, http.env?.incoming)).toString("utf8");
  if (text.trim() === "") return {};
  let value = parseJson(text);
  // Old clients encode twice.
  if (typeof value === "string") value = parseJson(value);
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw invalidParameter("Bad Request. The body must be a JSON object.");
  }
  return value as Record<string, unknown>;
}

/** A whole number of so many digits that a double may not hold it, outside of a fraction. */
const LONG_INTEGER = /[:,[\s-]\d{16,}(?![\d.eE])/;

function parseJson(text: string): unknown {
  try {
    return LONG_INTEGER.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
  } catch {
    throw invalidParameter("Bad Request. The body is not valid JSON.");
  }
}

/** Whole numbers beyond 2^53 as bigint, from their own digits. */
function exactly(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const digits = context?.source;
  return digits && /^-?\d+$/.test(digits) ? BigInt(digits) : value;
}
