import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { Context as HonoContext } from "hono";

/** The body of a request as it comes; empty when there is none. */
export function bodyOf(http: HonoContext): Readable {
  const body = http.req.raw.body;
  return body ? Readable.fromWeb(body as ReadableStream) : Readable.from([]);
}
