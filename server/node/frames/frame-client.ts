import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { Departure } from "@/server/kernel/departure";
import {
  CallAbandoned,
  NodeFailed,
  NodeOverloaded,
  NodeRejected,
  NodeTimeout,
  NodeUnavailable,
} from "@/server/node/client/node-errors";
import type { Tensor } from "@/server/protocols/open-inference/codec";
import {
  decodeAnswer,
  decodeFailure,
  encodeRequest,
  encodeSignal,
  FRAME,
  FRAMES_PATH,
  FRAMES_PROTOCOL,
  type FrameAnswer,
} from "./frame-codec";
import { FrameOutbox } from "./frame-outbox";
import { type Frame, FrameReader } from "./frame-reader";

/** Larger requests go over HTTP, so that small ones do not wait behind their bytes. */
const REQUEST_BYTES_MAX = 256 * 1024;
const REPLY_BYTES_MAX = 256 * 1024 * 1024;
const INFER_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** How soon a connection that was cut is tried again, and one that was refused, milliseconds. */
const RETRY_MS = 500;
const REFUSED_MS = 30_000;

/** How one request is sent; the fields mean what they mean to a node client. */
export interface FrameCall {
  outputs?: readonly string[] | undefined;
  priority?: number | undefined;
  queue?: number | undefined;
  /** Milliseconds in the node's queue. */
  queueTimeoutMs?: number | undefined;
  /** Milliseconds for the whole call; 10,000 when absent. */
  timeoutMs?: number | undefined;
  /** Aborted when nobody waits for the answer any more. */
  signal?: Departure | undefined;
  /** What frames do not carry: with one of these a request goes over HTTP. */
  id?: string | undefined;
  version?: string | undefined;
  traceparent?: string | undefined;
}

interface FramedAnswer {
  tensors: Tensor[];
  /** As an HTTP node client tells them. */
  timings: Omit<FrameAnswer, "tensors">;
}

interface Waiting {
  resolve: (answer: FramedAnswer) => void;
  reject: (error: Error) => void;
  /** Takes back what would end the wait early. */
  ended: () => void;
}

interface Connection {
  socket: Socket;
  outbox: FrameOutbox;
  waiting: Map<number, Waiting>;
}

/** The frames of one gateway to one node. While there is no connection, its caller has other ways. */
export class FrameClient {
  private connection: Connection | undefined;
  private isConnecting = false;
  private retryAtMs = 0;
  private isClosed = false;
  private lastId = 0;

  constructor(private readonly options: { url: string; headers: Record<string, string> }) {}

  /**
   * Sends a request where that is possible now: undefined without a connection, which is made for
   * the next one, and for what is better sent over HTTP. Rejects with the errors of a node client.
   */
  infer(
    model: string,
    inputs: readonly Tensor[],
    call: FrameCall,
  ): Promise<FramedAnswer> | undefined {
    const { connection } = this;
    if (!connection) {
      this.connect();
      return undefined;
    }
    if ((call.id ?? call.version ?? call.traceparent) !== undefined) return undefined;
    if (!isSmall(inputs)) return undefined;
    if (call.signal?.aborted) return Promise.reject(new CallAbandoned("the caller is gone"));
    this.lastId = (this.lastId + 1) >>> 0;
    const id = this.lastId;
    const { outputs, priority, queue, queueTimeoutMs, signal } = call;
    const { timeoutMs = INFER_TIMEOUT_MS } = call;
    connection.outbox.send(
      encodeRequest(id, { model, inputs, outputs, priority, queue, timeoutMs: queueTimeoutMs }),
    );
    return new Promise((resolve, reject) => {
      const late = () => new NodeTimeout(`the inference node gave no answer in ${timeoutMs} ms`);
      const timer = setTimeout(() => giveUp(connection, id, late()), timeoutMs);
      const left =
        signal && (() => giveUp(connection, id, new CallAbandoned("the caller is gone")));
      const ended = () => {
        clearTimeout(timer);
        if (left) signal.removeEventListener("abort", left);
      };
      connection.waiting.set(id, { resolve, reject, ended });
      if (left) signal.addEventListener("abort", left, { once: true });
    });
  }

  close(): void {
    this.isClosed = true;
    this.endIfDone(this.connection);
  }

  private endIfDone(connection: Connection | undefined): void {
    if (this.isClosed && connection?.waiting.size === 0) connection.socket.destroy();
  }

  private connect(): void {
    if (this.isConnecting || this.isClosed || performance.now() < this.retryAtMs) return;
    this.isConnecting = true;
    const request = this.options.url.startsWith("https:") ? httpsRequest : httpRequest;
    const asked = request(new URL(FRAMES_PATH, this.options.url), {
      headers: { ...this.options.headers, connection: "Upgrade", upgrade: FRAMES_PROTOCOL },
      timeout: CONNECT_TIMEOUT_MS,
      agent: false,
    });
    const failed = (waitMs: number) => {
      asked.destroy();
      this.isConnecting = false;
      this.retryAtMs = performance.now() + waitMs;
    };
    asked.on("upgrade", (_reply, socket, head) => {
      this.isConnecting = false;
      this.adopt(socket as Socket, head);
    });
    asked.on("response", () => failed(REFUSED_MS));
    asked.on("timeout", () => failed(RETRY_MS));
    asked.on("error", () => failed(RETRY_MS));
    asked.end();
  }

  private adopt(socket: Socket, head: Buffer): void {
    socket.setNoDelay(true).setKeepAlive(true, 10_000).setTimeout(0);
    // An idle connection must not keep a process alive that has nothing else to do.
    socket.unref();
    const reader = new FrameReader(REPLY_BYTES_MAX);
    const outbox = new FrameOutbox(socket);
    const connection: Connection = { socket, outbox, waiting: new Map() };
    const take = (frame: Frame) => this.take(connection, frame);
    const receive = (chunk: Buffer) => {
      if (!reader.push(chunk, take)) socket.destroy();
    };
    socket.on("data", receive);
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.destroy());
    socket.on("close", () => this.lose(connection));
    if (this.isClosed) {
      socket.destroy();
      return;
    }
    this.connection = connection;
    if (head.byteLength > 0) receive(head);
  }

  private take(connection: Connection, { id, type, payload }: Frame): void {
    if (type === FRAME.goodbye) {
      if (this.connection === connection) this.connection = undefined;
      this.retryAtMs = performance.now() + RETRY_MS;
      return;
    }
    const waiting = connection.waiting.get(id);
    if (!waiting) return;
    connection.waiting.delete(id);
    waiting.ended();
    try {
      if (type === FRAME.answer) {
        const { tensors, ...timings } = decodeAnswer(payload);
        waiting.resolve({ tensors, timings });
      } else waiting.reject(failureOf(payload));
    } catch {
      waiting.reject(new NodeFailed("the node's answer cannot be read"));
    }
    this.endIfDone(connection);
  }

  private lose(connection: Connection): void {
    if (this.connection === connection) this.connection = undefined;
    this.retryAtMs = performance.now() + RETRY_MS;
    for (const { reject, ended } of connection.waiting.values()) {
      ended();
      reject(new NodeUnavailable("the connection to the inference node broke off"));
    }
    connection.waiting.clear();
  }
}

function giveUp({ waiting, outbox }: Connection, id: number, error: Error): void {
  const given = waiting.get(id);
  if (!given) return;
  waiting.delete(id);
  given.ended();
  outbox.send(encodeSignal(id, FRAME.cancel));
  given.reject(error);
}

function failureOf(payload: Buffer): Error {
  const { status, retryAfterSeconds, message } = decodeFailure(payload);
  if (status === 503 || status === 429) {
    return new NodeOverloaded(retryAfterSeconds || 1, message);
  }
  if (status >= 400 && status < 500) return new NodeRejected(status, message);
  return new NodeFailed(`the node answered ${status}: ${message}`);
}

function isSmall(tensors: readonly Tensor[]): boolean {
  let bytes = 0;
  for (const { data } of tensors) {
    if (ArrayBuffer.isView(data)) bytes += data.byteLength;
    else for (const one of data as (string | Uint8Array)[]) bytes += 4 + 3 * one.length;
  }
  return bytes <= REQUEST_BYTES_MAX;
}
