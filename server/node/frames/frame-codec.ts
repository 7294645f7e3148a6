import {
  badRequest,
  binarySize,
  DATATYPES,
  decodeBinaryData,
  elementCount,
  type Tensor,
  writeBinaryData,
} from "@/server/protocols/open-inference/codec";

/** The protocol a connection is upgraded to, and where. */
export const FRAMES_PROTOCOL = "modelyard-frames/2";
export const FRAMES_PATH = "/v2/frames";

/** u32 length of what follows, u32 request id, u8 type. */
export const FRAME_HEAD_BYTES = 9;

export const FRAME = {
  infer: 1,
  /** The caller does not wait for the answer any more. */
  cancel: 2,
  answer: 3,
  failure: 4,
  /** The node stops: no further requests, what it has is answered. */
  goodbye: 5,
} as const;

export type FrameRequest = {
  model: string;
  inputs: readonly Tensor[];
  /** Undefined: all outputs. */
  outputs: readonly string[] | undefined;
  /** Milliseconds in the queue; undefined takes the model's setting. */
  timeoutMs: number | undefined;
  /** 1 is the highest; undefined for the model's default. */
  priority: number | undefined;
  /** The number of the queue to wait in; undefined for the model's own. */
  queue?: number | undefined;
};

export type FrameAnswer = {
  tensors: Tensor[];
  queueMs: number;
  computeMs: number;
  batchRows: number;
};

export type FrameFailure = { status: number; retryAfterSeconds: number; message: string };

const DIMENSIONS_MAX = 32;
const CODES = new Map(DATATYPES.map((datatype, code) => [datatype, code]));

/** A frame of a known size under construction. */
class FrameWriter {
  at = FRAME_HEAD_BYTES;
  readonly bytes: Buffer;

  constructor(type: number, id: number, payloadBytes: number) {
    this.bytes = Buffer.allocUnsafe(FRAME_HEAD_BYTES + payloadBytes);
    this.bytes.writeUInt32LE(this.bytes.byteLength - 4, 0);
    this.bytes.writeUInt32LE(id, 4);
    this.bytes[8] = type;
  }

  u16(value: number): void {
    this.at = this.bytes.writeUInt16LE(value, this.at);
  }

  u32(value: number): void {
    this.at = this.bytes.writeUInt32LE(value, this.at);
  }

  float(value: number): void {
    this.at = this.bytes.writeFloatLE(value, this.at);
  }

  text(value: string, bytes: number): void {
    this.u16(bytes);
    this.bytes.write(value, this.at);
    this.at += bytes;
  }

  tensor({ datatype, shape, data, name }: Tensor, sizes: TensorSize): void {
    this.text(name, sizes.nameBytes);
    this.u16((CODES.get(datatype) ?? 0) | (shape.length << 8));
    for (const length of shape) this.u32(length);
    this.u32(sizes.dataBytes);
    this.at = writeBinaryData(datatype, data, this.bytes, this.at);
  }
}

type TensorSize = { nameBytes: number; dataBytes: number; bytes: number };

function sizeOf({ name, datatype, shape, data }: Tensor): TensorSize {
  const nameBytes = Buffer.byteLength(name);
  const dataBytes = binarySize(datatype, data);
  return { nameBytes, dataBytes, bytes: 2 + nameBytes + 2 + 4 * shape.length + 4 + dataBytes };
}

/** Reads a payload; whatever does not fit throws ProtocolError 400. */
class FrameParser {
  private at = 0;
  constructor(private readonly bytes: Buffer) {}

  private take(count: number): number {
    const at = this.at;
    if (at + count > this.bytes.byteLength) throw badRequest("a frame ends too early");
    this.at += count;
    return at;
  }

  u16(): number {
    return this.bytes.readUInt16LE(this.take(2));
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.take(4));
  }

  float(): number {
    return this.bytes.readFloatLE(this.take(4));
  }

  text(): string {
    const length = this.u16();
    const at = this.take(length);
    return this.bytes.toString("utf8", at, at + length);
  }

  rest(): string {
    return this.bytes.toString("utf8", this.at);
  }

  tensor(): Tensor {
    const name = this.text();
    const kind = this.u16();
    const datatype = DATATYPES[kind & 0xff];
    const rank = kind >> 8;
    if (!datatype || rank > DIMENSIONS_MAX) throw badRequest("a frame holds an unknown tensor");
    const shape: number[] = [];
    for (let at = 0; at < rank; at++) shape.push(this.u32());
    const length = this.u32();
    const at = this.take(length);
    const data = this.bytes.subarray(at, at + length);
    const count = elementCount(name, shape);
    return { name, datatype, shape, data: decodeBinaryData({ name, datatype }, count, data) };
  }

  tensors(): Tensor[] {
    return Array.from({ length: this.u16() }, () => this.tensor());
  }
}

const MICROSECONDS_MAX = 2 ** 32 - 1;

/** Throws RangeError for dimensions beyond 32 bits, which such a small message cannot hold. */
export function encodeRequest(id: number, request: FrameRequest): Buffer {
  const { model, inputs, outputs, timeoutMs, priority, queue = 0 } = request;
  const sizes = inputs.map(sizeOf);
  const modelBytes = Buffer.byteLength(model);
  const outputBytes = outputs?.map((name) => Buffer.byteLength(name)) ?? [];
  let bytes = 2 + modelBytes + 12 + 2 + 2;
  for (const size of sizes) bytes += size.bytes;
  for (const size of outputBytes) bytes += 2 + size;
  const frame = new FrameWriter(FRAME.infer, id, bytes);
  frame.text(model, modelBytes);
  frame.u32(Math.min(MICROSECONDS_MAX, Math.round((timeoutMs ?? 0) * 1000)));
  frame.u32(priority ?? 0);
  frame.u32(queue);
  frame.u16(inputs.length);
  inputs.forEach((tensor, at) => {
    const size = sizes[at];
    if (size) frame.tensor(tensor, size);
  });
  frame.u16(outputs?.length ?? 0);
  outputs?.forEach((name, at) => {
    frame.text(name, outputBytes[at] ?? 0);
  });
  return frame.bytes;
}

/** Throws ProtocolError 400. */
export function decodeRequest(payload: Buffer): FrameRequest {
  const frame = new FrameParser(payload);
  const model = frame.text();
  const timeoutMs = frame.u32() / 1000 || undefined;
  const priority = frame.u32() || undefined;
  const queue = frame.u32() || undefined;
  const inputs = frame.tensors();
  const outputs = Array.from({ length: frame.u16() }, () => frame.text());
  const wanted = outputs.length > 0 ? outputs : undefined;
  return { model, inputs, outputs: wanted, timeoutMs, priority, queue };
}

export function encodeAnswer(id: number, answer: FrameAnswer): Buffer {
  const { tensors, queueMs, computeMs, batchRows } = answer;
  const sizes = tensors.map(sizeOf);
  const bytes = sizes.reduce((sum, size) => sum + size.bytes, 14);
  const frame = new FrameWriter(FRAME.answer, id, bytes);
  frame.float(queueMs);
  frame.float(computeMs);
  frame.u32(batchRows);
  frame.u16(tensors.length);
  tensors.forEach((tensor, at) => {
    const size = sizes[at];
    if (size) frame.tensor(tensor, size);
  });
  return frame.bytes;
}

/** Throws ProtocolError 400. */
export function decodeAnswer(payload: Buffer): FrameAnswer {
  const frame = new FrameParser(payload);
  const queueMs = frame.float();
  const computeMs = frame.float();
  const batchRows = frame.u32();
  return { tensors: frame.tensors(), queueMs, computeMs, batchRows };
}

export function encodeFailure(id: number, failure: FrameFailure): Buffer {
  const { status, retryAfterSeconds, message } = failure;
  const frame = new FrameWriter(FRAME.failure, id, 4 + Buffer.byteLength(message));
  frame.u16(status);
  frame.u16(Math.min(65_535, Math.ceil(retryAfterSeconds)));
  frame.bytes.write(message, frame.at);
  return frame.bytes;
}

/** Throws ProtocolError 400. */
export function decodeFailure(payload: Buffer): FrameFailure {
  const frame = new FrameParser(payload);
  return { status: frame.u16(), retryAfterSeconds: frame.u16(), message: frame.rest() };
}

/** A frame that is only its type: cancel, goodbye. */
export const encodeSignal = (id: number, type: number): Buffer =>
  new FrameWriter(type, id, 0).bytes;
