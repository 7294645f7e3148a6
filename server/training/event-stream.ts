/** A comment line this often keeps proxies from closing a quiet stream, milliseconds. */
const HEARTBEAT_MS = 15_000;

interface StreamedEvent {
  /** What a client that comes back sends as Last-Event-ID. */
  id: string;
  event: string;
  data: unknown;
}

/** Server-sent events as they come; a null means nothing is new. Nothing is sent once `signal` is aborted. */
export function toEventStream(
  events: AsyncGenerator<StreamedEvent | null>,
  signal: AbortSignal,
): Response {
  const lines = toLines(events, signal);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await lines.return(undefined);
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

async function* toLines(
  events: AsyncGenerator<StreamedEvent | null>,
  signal: AbortSignal,
): AsyncGenerator<string, undefined> {
  let spokeAt = Date.now();
  // Headers travel with the first bytes.
  yield ": log\n\n";
  for await (const found of events) {
    if (signal.aborted) return undefined;
    if (found) {
      spokeAt = Date.now();
      // Line breaks inside of JSON are escaped, so one data line carries any text.
      const id = found.id === "" ? "" : `id: ${found.id}\n`;
      yield `${id}event: ${found.event}\ndata: ${JSON.stringify(found.data)}\n\n`;
    } else if (Date.now() - spokeAt >= HEARTBEAT_MS) {
      spokeAt = Date.now();
      yield ": still here\n\n";
    }
  }
  return undefined;
}
