import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { followLogs } from "./follow-logs";
import { readLogs } from "./read-logs";

/** A comment line this often keeps proxies from closing a quiet stream, milliseconds. */
const HEARTBEAT_MS = 15_000;

/** The whole log as text, streamed piece by piece. Throws not_found before the first byte. */
export async function serveLogText(
  ctx: Context,
  input: { job: string; offset: number },
): Promise<Response> {
  let next = await readLogs(ctx, input);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next.text === "") return controller.close();
      controller.enqueue(encoder.encode(next.text));
      next = await readLogs(ctx, { job: input.job, offset: next.nextOffset });
    },
  });
  return new Response(body, { headers: { "content-type": "text/plain; charset=utf-8" } });
}

/**
 * The log as server-sent events: `id` is the byte offset after the piece, so a client that comes
 * back with Last-Event-ID misses and repeats nothing. An `end` event closes a finished job's log.
 */
export async function serveLogEvents(
  ctx: Context,
  input: { job: string; offset: number; lastEventId: string | null; signal: AbortSignal },
): Promise<Response> {
  const offset = input.lastEventId === null ? input.offset : resumeAt(input.lastEventId);
  await readLogs(ctx, { job: input.job, offset });
  const events = toEvents(ctx, { job: input.job, offset }, input.signal);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await events.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await events.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    },
  });
}

function resumeAt(lastEventId: string): number {
  if (/^\d{1,15}$/.test(lastEventId)) return Number(lastEventId);
  throw new AppError(
    "bad_request",
    "Last-Event-ID is not one of ours: send the last id unchanged.",
  );
}

async function* toEvents(
  ctx: Context,
  input: { job: string; offset: number },
  signal: AbortSignal,
): AsyncGenerator<string, undefined> {
  let spokeAt = Date.now();
  let { offset } = input;
  // Headers travel with the first bytes.
  yield ": log\n\n";
  for await (const piece of followLogs(ctx, input, signal)) {
    if (piece) {
      offset = piece.nextOffset;
      spokeAt = Date.now();
      // Line breaks inside of JSON are escaped, so one data line carries any text.
      yield `id: ${offset}\nevent: log\ndata: ${JSON.stringify({ text: piece.text })}\n\n`;
    } else if (Date.now() - spokeAt >= HEARTBEAT_MS) {
      spokeAt = Date.now();
      yield ": still here\n\n";
    }
  }
  if (!signal.aborted) yield `id: ${offset}\nevent: end\ndata: {}\n\n`;
  return undefined;
}
