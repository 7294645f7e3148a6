import { type Datatype, ELEMENT_BYTES, viewOf } from "./datatypes";
import { badRequest, quoted } from "./protocol-error";
import type { Tensor, TensorData } from "./tensor";

type Header = Pick<Tensor, "name" | "datatype">;

/**
 * Elements from the binary form: little endian, row-major, BYTES as a 32-bit length and its bytes.
 * Fixed-size data is a view over `bytes` where its alignment allows. BYTES come back as byte
 * arrays. `count` is the product of the shape. Throws ProtocolError 400.
 */
export function decodeBinaryData(header: Header, count: number, bytes: Uint8Array): TensorData {
  const { name, datatype } = header;
  if (datatype === "BYTES") return decodeBytes(name, count, bytes);
  const expected = count * ELEMENT_BYTES[datatype];
  if (bytes.byteLength !== expected)
    throw badRequest(
      `tensor ${quoted(name)}: expected ${expected} bytes of binary data, got ${bytes.byteLength}`,
    );
  const aligned = bytes.byteOffset % ELEMENT_BYTES[datatype] === 0;
  const memory = aligned ? bytes : new Uint8Array(bytes);
  if (datatype === "BOOL" && memory.some((value) => value > 1))
    throw badRequest(`tensor ${quoted(name)}: a BOOL byte must be 0 or 1`);
  return viewOf(datatype, memory.buffer, memory.byteOffset, count);
}

function decodeBytes(name: string, count: number, bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Four bytes an element at least: a huge count is refused before anything is made for it.
  if (count * 4 > bytes.byteLength) throw tooFew(name, count, bytes.byteLength);
  const out: Uint8Array[] = [];
  let at = 0;
  while (out.length < count) {
    if (at + 4 > bytes.byteLength) throw tooFew(name, count, bytes.byteLength);
    const length = view.getUint32(at, true);
    if (at + 4 + length > bytes.byteLength)
      throw badRequest(`tensor ${quoted(name)}: element ${out.length} runs past its binary data`);
    out.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (at !== bytes.byteLength)
    throw badRequest(
      `tensor ${quoted(name)}: ${bytes.byteLength - at} bytes of binary data are left over`,
    );
  return out;
}

function tooFew(name: string, count: number, got: number): Error {
  return badRequest(
    `tensor ${quoted(name)}: expected at least ${count * 4} bytes of binary data for ${count} BYTES elements, got ${got}`,
  );
}

/** Bytes that `tensor` takes in the binary form. */
export function binarySize(datatype: Datatype, data: TensorData): number {
  if (datatype !== "BYTES") return data.length * ELEMENT_BYTES[datatype];
  let size = 0;
  for (const value of data as string[] | Uint8Array[])
    size += 4 + (typeof value === "string" ? Buffer.byteLength(value) : value.byteLength);
  return size;
}

/** Writes the binary form of `data` into `target` from `offset`; returns the offset behind it. */
export function writeBinaryData(
  datatype: Datatype,
  data: TensorData,
  target: Buffer,
  offset: number,
): number {
  if (datatype !== "BYTES") {
    const source = data as Exclude<TensorData, string[] | Uint8Array[]>;
    target.set(new Uint8Array(source.buffer, source.byteOffset, source.byteLength), offset);
    return offset + source.byteLength;
  }
  let at = offset;
  for (const value of data as string[] | Uint8Array[]) {
    if (typeof value === "string") {
      const length = target.write(value, at + 4);
      target.writeUInt32LE(length, at);
      at += 4 + length;
    } else {
      target.writeUInt32LE(value.byteLength, at);
      target.set(value, at + 4);
      at += 4 + value.byteLength;
    }
  }
  return at;
}
