import {
  allocate,
  badRequest,
  type Datatype,
  type FixedData,
  formatShape,
  quoted,
  type Tensor,
  type TensorData,
} from "@/server/protocols/open-inference/codec";
import { LENGTH, malformed, type WireReader } from "./wire-reader";
import type { WireWriter } from "./wire-writer";

/** Fields of InferTensorContents. */
const FIELD_OF = {
  BOOL: 1,
  INT8: 2,
  INT16: 2,
  INT32: 2,
  INT64: 3,
  UINT8: 4,
  UINT16: 4,
  UINT32: 4,
  UINT64: 5,
  FP32: 6,
  FP64: 7,
  BYTES: 8,
} as const satisfies Record<Exclude<Datatype, "FP16" | "BF16">, number>;

const FIELD_NAMES = [
  "",
  "bool_contents",
  "int_contents",
  "int64_contents",
  "uint_contents",
  "uint64_contents",
  "fp32_contents",
  "fp64_contents",
  "bytes_contents",
];

type Header = Pick<Tensor, "name" | "datatype" | "shape">;

/**
 * Elements of InferTensorContents, or none of it. Memory is taken for `count` elements, the product
 * of the shape, and for no more. Throws ProtocolError 400.
 */
export function readContents(
  header: Header,
  count: number,
  contents: WireReader | undefined,
): TensorData {
  const { name, datatype } = header;
  if (datatype === "FP16" || datatype === "BF16")
    throw badRequest(
      `tensor ${quoted(name)}: ${datatype} has no contents field, send it in raw_input_contents`,
    );
  const wanted = FIELD_OF[datatype];
  const sink = datatype === "BYTES" ? new ByteSink(count) : new FixedSink(datatype, count);
  while (contents?.next()) {
    if (contents.field > 8) contents.skip();
    else if (contents.field !== wanted)
      throw badRequest(
        `tensor ${quoted(name)}: ${datatype} belongs in ${FIELD_NAMES[wanted]}, not in ${FIELD_NAMES[contents.field]}`,
      );
    else sink.read(contents);
  }
  if (sink.got !== count)
    throw badRequest(
      `tensor ${quoted(name)}: too ${sink.got < count ? "few" : "many"} elements, ` +
        `shape ${formatShape(header.shape)} needs ${count}, got ${sink.got}`,
    );
  if (sink.wrong !== undefined)
    throw badRequest(`tensor ${quoted(name)}: ${sink.wrong} is not a ${datatype} element`);
  return sink.data;
}

class ByteSink {
  readonly data: Uint8Array[] = [];
  readonly wrong = undefined;
  got = 0;

  constructor(private readonly count: number) {}

  read(contents: WireReader): void {
    const element = contents.bytes();
    if (this.got++ < this.count) this.data.push(element);
  }
}

/** Numbers, packed or one by one; what is beyond the count is counted and dropped. */
class FixedSink {
  readonly data: FixedData;
  /** The first element that does not fit the datatype. */
  wrong: number | undefined;
  got = 0;
  private readonly words: Uint32Array | undefined;

  constructor(
    private readonly datatype: Exclude<Datatype, "BYTES" | "FP16" | "BF16">,
    private readonly count: number,
  ) {
    this.data = allocate(datatype, count);
    const isLong = datatype === "INT64" || datatype === "UINT64";
    this.words = isLong ? new Uint32Array(this.data.buffer) : undefined;
  }

  read(contents: WireReader): void {
    const isPacked = contents.type === LENGTH;
    const elements = isPacked ? contents.message() : contents;
    const float = this.datatype === "FP32" ? 4 : this.datatype === "FP64" ? 8 : 0;
    if (float > 0) this.readFloats(elements, float, isPacked);
    else if (!isPacked && contents.type !== 0) throw malformed("an element has a wrong wire type");
    else
      do {
        if (elements.at >= elements.end) break;
        this.readInteger(elements);
      } while (isPacked);
  }

  private readFloats(elements: WireReader, size: number, isPacked: boolean): void {
    const expected = size === 4 ? 5 : 1;
    if (!isPacked && elements.type !== expected)
      throw malformed("an element has a wrong wire type");
    const bytes = isPacked ? elements.end - elements.at : size;
    const from = elements.take(bytes);
    if (bytes % size !== 0) throw malformed("packed numbers end within an element");
    const given = bytes / size;
    const kept = Math.max(0, Math.min(given, this.count - this.got));
    const target = new Uint8Array(this.data.buffer, this.got * size, kept * size);
    if (kept > 0) target.set(elements.buffer.subarray(from, from + kept * size));
    this.got += given;
  }

  private readInteger(elements: WireReader): void {
    elements.varint();
    const at = this.got++;
    if (at >= this.count) return;
    const { low, high } = elements;
    if (this.words !== undefined) {
      this.words[2 * at] = low;
      this.words[2 * at + 1] = high;
    } else if (this.datatype === "BOOL") {
      this.data[at] = (low | high) !== 0 ? 1 : 0;
    } else {
      const value = this.datatype.startsWith("U") ? low >>> 0 : low;
      this.data[at] = value;
      if (this.data[at] !== value) this.wrong ??= value;
    }
  }
}

/** Whether a tensor of this datatype can go in InferTensorContents. */
export const hasContents = (datatype: Datatype): boolean =>
  datatype !== "FP16" && datatype !== "BF16";

/** The elements of a tensor as the fields of InferTensorContents. */
export function writeContents(writer: WireWriter, { datatype, data }: Tensor): void {
  if (datatype === "FP16" || datatype === "BF16") return;
  const field = FIELD_OF[datatype];
  if (datatype === "BYTES") {
    for (const value of data as (string | Uint8Array)[])
      if (typeof value === "string") writer.text(field, value);
      else writer.bytes(field, value);
    return;
  }
  const fixed = data as FixedData;
  if (datatype === "FP32" || datatype === "FP64") {
    writer.bytes(field, new Uint8Array(fixed.buffer, fixed.byteOffset, fixed.byteLength));
    return;
  }
  writer.message(field, (inner) => {
    if (fixed instanceof BigInt64Array || fixed instanceof BigUint64Array) {
      const words = new Int32Array(fixed.buffer, fixed.byteOffset, 2 * fixed.length);
      for (let at = 0; at < words.length; at += 2) inner.varint(words[at] ?? 0, words[at + 1]);
    } else
      for (const value of fixed as Int32Array) {
        // A negative number of 32 bits travels as one of 64.
        inner.varint(value, value < 0 ? -1 : 0);
      }
  });
}
