import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { NodeContext } from "@/server/node/http/node-context";
import { ProtocolError } from "@/server/protocols/open-inference/codec";
import {
  decodeRequest,
  encodeAnswer,
  encodeFailure,
  encodeSignal,
  FRAME,
  FRAMES_PATH,
  FRAMES_PROTOCOL,
} from "./frame-codec";
import { FrameOutbox } from "./frame-outbox";
import { type Frame, FrameReader } from "./frame-reader";

const ACCEPTED = `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${FRAMES_PROTOCOL}\r\n\r\n`;

/** Room for names and shapes around the tensors of a request. */
const ENVELOPE_BYTES = 1024 * 1024;

/** The frame connections of a node. */
export class FrameServer {
  private readonly connections = new Set<FrameConnection>();

  constructor(
    private readonly context: NodeContext,
    private readonly checkToken: (request: IncomingMessage) => void,
  ) {}

  /** Takes over a connection that asks for frames, and refuses any other upgrade. */
  readonly accept = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const path = (request.url ?? "").split("?", 1)[0];
    const isOurs = path === FRAMES_PATH && request.headers.upgrade === FRAMES_PROTOCOL;
    const isAllowed = isOurs && this.context.isReady() ? this.isKnown(request) : undefined;
    if (!isAllowed) {
      refuse(socket, isAllowed === false ? "401 Unauthorized" : "404 Not Found");
      return;
    }
    if (isTcp(socket)) socket.setNoDelay(true).setKeepAlive(true, 10_000).setTimeout(0);
    socket.write(ACCEPTED);
    const connection = new FrameConnection(this.context, socket, () =>
      this.connections.delete(connection),
    );
    this.connections.add(connection);
    if (head.byteLength > 0) connection.receive(head);
  };

  private isKnown(request: IncomingMessage): boolean {
    try {
      this.checkToken(request);
      return true;
    } catch {
      return false;
    }
  }

  /** Takes no further requests; each connection ends behind its last answer. */
  stop(): void {
    for (const connection of this.connections) connection.stop();
  }

  /** Cuts off what is left. */
  destroy(): void {
    for (const connection of this.connections) connection.destroy();
  }
}

const isTcp = (socket: Duplex): socket is Socket => "setNoDelay" in socket;

function refuse(socket: Duplex, status: string): void {
  socket.on("error", () => undefined);
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

class FrameConnection {
  private readonly reader: FrameReader;
  private readonly outbox: FrameOutbox;
  /** Requests at work; a cancelled one has nobody to answer. */
  private readonly atWork = new Map<number, { isCancelled: boolean }>();
  private isStopping = false;

  constructor(
    private readonly context: NodeContext,
    private readonly socket: Duplex,
    closed: () => void,
  ) {
    this.reader = new FrameReader(context.bodyBytesMax + ENVELOPE_BYTES);
    this.outbox = new FrameOutbox(socket);
    socket.on("data", (chunk: Buffer) => this.receive(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      for (const work of this.atWork.values()) work.isCancelled = true;
      closed();
    });
  }

  receive(chunk: Buffer): void {
    if (!this.reader.push(chunk, (frame) => this.take(frame))) this.socket.destroy();
  }

  private take({ id, type, payload }: Frame): void {
    const known = this.atWork.get(id);
    if (type === FRAME.cancel && known) known.isCancelled = true;
    if (type !== FRAME.infer || known) return;
    const work = { isCancelled: false };
    this.atWork.set(id, work);
    void this.answer(id, payload, work).finally(() => {
      this.atWork.delete(id);
      if (this.isStopping && this.atWork.size === 0) this.outbox.end();
    });
  }

  private async answer(id: number, payload: Buffer, work: { isCancelled: boolean }): Promise<void> {
    try {
      const { model: name, ...call } = decodeRequest(payload);
      const abandoned = () => work.isCancelled;
      const result = await this.context.store.use(name, (model) =>
        model.infer({ ...call, abandoned }),
      );
      const { outputs: tensors, queueMs, computeMs, batchRows } = result;
      this.outbox.send(encodeAnswer(id, { tensors, queueMs, computeMs, batchRows }));
    } catch (error) {
      this.outbox.send(encodeFailure(id, this.failureOf(error)));
    }
  }

  private failureOf(error: unknown) {
    if (error instanceof ProtocolError) {
      const { status, message, retryAfterSeconds = 0 } = error;
      return { status, message, retryAfterSeconds };
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.context.log.error({ error: text }, "request failed");
    return { status: 500, message: "internal error", retryAfterSeconds: 0 };
  }

  stop(): void {
    this.isStopping = true;
    this.outbox.send(encodeSignal(0, FRAME.goodbye));
    if (this.atWork.size === 0) this.outbox.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
