/** One field of a protobuf message: where its bytes lie, or its value when it is a varint. */
export type WireField = { number: number; start: number; end: number; value: bigint | undefined };

export class WireFormatError extends Error {}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/**
 * Walks the fields of one protobuf message between `start` and `end` without copying or allocating
 * for their content. Throws WireFormatError on bytes that are no protobuf message.
 */
export function* readFields(bytes: Uint8Array, start: number, end: number): Generator<WireField> {
  let at = start;
  while (at < end) {
    const tag = readVarint(bytes, at, end);
    const number = Number(tag.value >> 3n);
    if (number < 1 || number > 2 ** 29 - 1) throw new WireFormatError("a field number is invalid");
    const type = Number(tag.value & 7n);
    at = tag.next;
    if (type === VARINT) {
      const { value, next } = readVarint(bytes, at, end);
      yield { number, start: at, end: next, value };
      at = next;
      continue;
    }
    const length = type === LENGTH ? readVarint(bytes, at, end) : undefined;
    const from = length?.next ?? at;
    const to = from + sizeOf(type, length?.value);
    if (to > end) throw new WireFormatError("a field runs past the end");
    yield { number, start: from, end: to, value: undefined };
    at = to;
  }
}

function sizeOf(type: number, length: bigint | undefined): number {
  if (length !== undefined) return Number(length);
  if (type === FIXED64) return 8;
  if (type === FIXED32) return 4;
  throw new WireFormatError(`wire type ${type} is not supported`);
}

function readVarint(bytes: Uint8Array, start: number, end: number) {
  // Most varints are one byte: no bigint arithmetic for them.
  const first = bytes[start] ?? 0;
  if (start < end && first < 0x80) return { value: BigInt(first), next: start + 1 };
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const at = start + index;
    if (at >= end) throw new WireFormatError("a number runs past the end");
    const byte = bytes[at] ?? 0;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw new WireFormatError("a number is longer than ten bytes");
}
