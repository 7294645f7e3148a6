import type { IncomingHttpHeaders } from "node:http";
import { type Dispatcher, errors, type Pool } from "undici";
import type { Departure } from "@/server/kernel/departure";
import { CallAbandoned, NodeTimeout, NodeUnavailable } from "./node-errors";

export type Reply = { status: number; headers: IncomingHttpHeaders; body: Buffer };

export type Exchange = {
  method: "GET" | "POST";
  path: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
  /** Milliseconds for the whole exchange. */
  timeoutMs: number;
  replyBytesMax: number;
  /** Aborted when nobody waits for the reply any more; the node then drops the work. */
  signal?: Departure | undefined;
};

/**
 * One request and its whole reply. Requests to a node may be repeated, so one that hits a
 * connection just closed by the other side is sent once more. Rejects with NodeUnavailable.
 */
export async function exchange(pool: Pool, request: Exchange): Promise<Reply> {
  try {
    return await send(pool, request);
  } catch (error) {
    if (!isStaleSocket(error)) throw asUnavailable(error);
  }
  try {
    return await send(pool, request);
  } catch (error) {
    throw asUnavailable(error);
  }
}

/** The connection ended before any byte of a reply: typical for a keep-alive race or a restart. */
function isStaleSocket(error: unknown): boolean {
  return (
    error instanceof errors.SocketError ||
    (error instanceof Error && codeOf(error) === "ECONNRESET")
  );
}

function codeOf(error: Error): unknown {
  return "code" in error ? error.code : undefined;
}

function asUnavailable(error: unknown): NodeUnavailable | CallAbandoned {
  if (error instanceof NodeUnavailable || error instanceof CallAbandoned) return error;
  const reason = error instanceof Error ? (codeOf(error) ?? error.message) : String(error);
  return new NodeUnavailable(`the inference node cannot be reached: ${reason}`, { cause: error });
}

/** The pool's own `dispatch`, which costs about half of its `request`. */
function send(pool: Pool, request: Exchange): Promise<Reply> {
  const { method, path, headers, body } = request;
  return new Promise((resolve, reject) => {
    const handler = new ReplyHandler(request, resolve, reject);
    pool.dispatch({ method, path, headers, body: body ?? null }, handler);
  });
}

class ReplyHandler implements Dispatcher.DispatchHandler {
  private readonly timer: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | undefined;
  private status = 0;
  private headers: IncomingHttpHeaders = {};
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  constructor(
    private readonly request: Exchange,
    private readonly resolve: (reply: Reply) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    this.timer = setTimeout(() => {
      const error = new NodeTimeout(`the inference node gave no answer in ${request.timeoutMs} ms`);
      this.reject(error);
      this.controller?.abort(error);
    }, request.timeoutMs);
    if (request.signal?.aborted) queueMicrotask(this.abandon);
    else request.signal?.addEventListener("abort", this.abandon, { once: true });
  }

  private readonly abandon = (): void => {
    const error = new CallAbandoned("the caller is gone");
    this.reject(error);
    this.controller?.abort(error);
  };

  private settle(): void {
    clearTimeout(this.timer);
    this.request.signal?.removeEventListener("abort", this.abandon);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.request.signal?.aborted) controller.abort(new CallAbandoned("the caller is gone"));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.byteLength;
    if (this.bytes > this.request.replyBytesMax)
      controller.abort(new NodeUnavailable("the inference node's reply is too large"));
    else this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.settle();
    const [only] = this.chunks;
    const body = this.chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.chunks);
    this.resolve({ status: this.status, headers: this.headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.settle();
    // A reply had begun: sending the request again would not be a clean repetition.
    this.reject(this.status === 0 ? error : new NodeUnavailable("the reply broke off"));
  }
}
