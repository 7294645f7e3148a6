import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { finished } from "node:stream/promises";
import type { Context as HonoContext } from "hono";
import type { Context } from "@/server/kernel/context";
import {
  claimKey,
  differentRequest,
  hashUpload,
  parseIdempotencyKey,
  requestHasher,
} from "@/server/limits";

interface Call {
  ctx: Context;
  http: HonoContext;
  /** The JSON body; empty where the handler reads a stream. */
  bytes: Buffer;
  incoming: IncomingMessage;
  /** The handler reads the body itself, as a stream. */
  isUpload: boolean;
}

/**
 * Answers a call that makes something: with an Idempotency-Key its first answer is given again for
 * a day, without a second effect. What was refused or failed is not kept.
 */
export async function answerOnce(
  { ctx, http, bytes, incoming, isUpload }: Call,
  answer: (incoming: IncomingMessage) => Promise<Response>,
): Promise<Response> {
  const header = http.req.header("idempotency-key");
  if (header === undefined) return answer(incoming);
  const key = parseIdempotencyKey(header);
  const { pathname, search } = new URL(http.req.url);
  const hasher = requestHasher(key, http.req.method, pathname + search).update(bytes);
  const claim = await claimKey(ctx, key);
  const upload = isUpload
    ? hashed(incoming, hashUpload(hasher, incoming.headers["content-type"]))
    : undefined;
  if (claim.kind === "repeat") {
    if (upload) await drain(upload);
    if (!timingSafeEqual(hasher.digest(), claim.requestHash)) throw differentRequest();
    return new Response(claim.answer.text, {
      status: claim.answer.status,
      headers: { "content-type": "application/json", "idempotent-replayed": "true" },
    });
  }
  try {
    const response = await answer(upload ?? incoming);
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    if (!response.ok || !isJson) {
      await claim.forget();
      return response;
    }
    const text = await response.text();
    if (upload) await drain(upload);
    // The effect is there: an answer that cannot be kept is still the answer.
    await claim.finish(hasher.digest(), { status: response.status, text }).catch(() => undefined);
    return new Response(text, { status: response.status, headers: response.headers });
  } catch (error) {
    await claim.forget().catch(() => undefined);
    throw error;
  }
}

/** The request's body through `through`, with what handlers read of the request. */
function hashed(incoming: IncomingMessage, through: Transform): IncomingMessage & Transform {
  const { headers, method } = incoming;
  incoming.once("error", (error) => through.destroy(error));
  incoming.once("aborted", () => through.destroy());
  incoming.pipe(through);
  return asIncoming(Object.assign(through, { headers, method }));
}

/** Handlers read only the stream, the headers and the method of a request. */
const asIncoming = (value: object): IncomingMessage & Transform =>
  value as IncomingMessage & Transform;

async function drain(stream: Transform): Promise<void> {
  if (stream.readableEnded) return;
  stream.resume();
  await finished(stream);
}
