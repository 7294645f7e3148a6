import type { Context } from "@/server/kernel/context";
import { AppError } from "@/server/kernel/errors";
import { toEventStream } from "./event-stream";
import { followLogs } from "./follow-logs";
import { readLogs } from "./read-logs";

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
  return toEventStream(pieces(ctx, { job: input.job, offset }, input.signal), input.signal);
}

function resumeAt(lastEventId: string): number {
  if (/^\d{1,15}$/.test(lastEventId)) return Number(lastEventId);
  throw new AppError(
    "bad_request",
    "Last-Event-ID is not one of ours: send the last id unchanged.",
  );
}

async function* pieces(ctx: Context, input: { job: string; offset: number }, signal: AbortSignal) {
  let { offset } = input;
  for await (const piece of followLogs(ctx, input, signal)) {
    if (piece) offset = piece.nextOffset;
    yield piece && { id: String(offset), event: "log", data: { text: piece.text } };
  }
  yield { id: String(offset), event: "end", data: {} };
}
