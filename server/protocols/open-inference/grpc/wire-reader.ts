import { badRequest } from "@/server/protocols/open-inference/codec";

const VARINT = 0;
const FIXED64 = 1;
export const LENGTH = 2;
const FIXED32 = 5;

/** Refuses a message that is no protobuf: ProtocolError 400. */
export const malformed = (what: string) => badRequest(`the message is not valid protobuf: ${what}`);

/**
 * Walks the fields of one protobuf message between `at` and `end` of a buffer, without copying. Each
 * `next` is followed by one read, or `skip`, of the field it came to. Throws ProtocolError 400.
 */
export class WireReader {
  /** Number and wire type of the field that `next` came to. */
  field = 0;
  type = 0;
  /** The two halves of the number that `varint` read, as signed 32-bit integers. */
  low = 0;
  high = 0;

  constructor(
    readonly buffer: Buffer,
    public at = 0,
    readonly end = buffer.byteLength,
  ) {}

  /** Goes to the next field; false at the end of the message. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const tag = this.uint32("a field's tag");
    this.field = tag >>> 3;
    this.type = tag & 7;
    if (this.field === 0) throw malformed("a field has the number 0");
    return true;
  }

  /** Reads a varint into `low` and `high`. */
  varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.end) throw malformed("a number runs past the end");
      const byte = this.buffer[this.at++] ?? 0;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low | 0;
        this.high = high | 0;
        return;
      }
    }
    throw malformed("a number is longer than ten bytes");
  }

  private uint32(what: string): number {
    // Tags and most lengths are one byte.
    const byte = this.buffer[this.at] ?? 0x80;
    if (byte < 0x80 && this.at < this.end) {
      this.at++;
      return byte;
    }
    this.varint();
    if (this.high !== 0) throw malformed(`${what} is too large`);
    return this.low >>> 0;
  }

  /** The number of a varint field; bigint beyond 2^53. */
  integer(isSigned: boolean): number | bigint {
    this.expect(VARINT);
    this.varint();
    return joined(this.low, this.high, isSigned);
  }

  boolean(): boolean {
    this.expect(VARINT);
    this.varint();
    return (this.low | this.high) !== 0;
  }

  double(): number {
    this.expect(FIXED64);
    const from = this.take(8);
    return this.buffer.readDoubleLE(from);
  }

  /** The bytes of a length-delimited field, as a view. */
  bytes(): Buffer {
    this.expect(LENGTH);
    const length = this.uint32("a length");
    const from = this.take(length);
    return this.buffer.subarray(from, from + length);
  }

  text(): string {
    this.expect(LENGTH);
    const length = this.uint32("a length");
    const from = this.take(length);
    return this.buffer.toString("utf8", from, from + length);
  }

  /** A reader of the message within a length-delimited field. */
  message(): WireReader {
    this.expect(LENGTH);
    const length = this.uint32("a length");
    const from = this.take(length);
    return new WireReader(this.buffer, from, from + length);
  }

  skip(): void {
    if (this.type === VARINT) this.varint();
    else if (this.type === FIXED64) this.take(8);
    else if (this.type === FIXED32) this.take(4);
    else if (this.type === LENGTH) this.take(this.uint32("a length"));
    else throw malformed(`wire type ${this.type} is not known`);
  }

  /** Moves over `length` bytes; answers where they begin. */
  take(length: number): number {
    const from = this.at;
    if (length > this.end - from) throw malformed("a field runs past the end");
    this.at = from + length;
    return from;
  }

  private expect(type: number): void {
    if (this.type !== type) throw malformed(`field ${this.field} has the wire type ${this.type}`);
  }
}

/** A 64-bit number from its halves: a number where that is exact. */
export function joined(low: number, high: number, isSigned: boolean): number | bigint {
  if (high === 0) return low >>> 0;
  if (isSigned && high === -1 && low < 0) return low;
  const top = isSigned ? high : high >>> 0;
  const value = top * 2 ** 32 + (low >>> 0);
  return Number.isSafeInteger(value) ? value : (BigInt(top) << 32n) | BigInt(low >>> 0);
}
