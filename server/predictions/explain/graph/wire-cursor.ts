import { UnreadableGraph } from "./unreadable-graph";

const LENGTH = 2;
const FIXED64 = 1;
const FIXED32 = 5;
const utf8 = new TextDecoder();

/** Walks protobuf bytes field by field; a method for each kind of value moves behind it. */
export class WireCursor {
  /** Number and wire type of the field that `next` came to. */
  field = 0;
  type = 0;
  private lazyView: DataView | undefined;

  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
    readonly end = bytes.byteLength,
  ) {}

  private get view(): DataView {
    const { buffer, byteOffset, byteLength } = this.bytes;
    this.lazyView ??= new DataView(buffer, byteOffset, byteLength);
    return this.lazyView;
  }

  /** Moves to the next field; false at the end. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const tag = this.varint();
    this.field = Math.floor(tag / 8);
    this.type = tag % 8;
    return true;
  }

  /** A signed integer; exact to 2^53. */
  varint(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.end) throw broken();
      const byte = this.bytes[this.at++] ?? 0;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) return high * 2 ** 32 + (low >>> 0);
    }
    throw broken();
  }

  float(): number {
    return this.view.getFloat32(this.take(4), true);
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  /** A cursor over the field's content. */
  inside(): WireCursor {
    const length = this.varint();
    const from = this.take(length);
    return new WireCursor(this.bytes, from, from + length);
  }

  /** A copy, so that it is aligned and does not hold the file in memory. */
  content(): Uint8Array {
    const length = this.varint();
    const from = this.take(length);
    return new Uint8Array(this.bytes.subarray(from, from + length));
  }

  /** Where the field's content begins; it ends where the cursor is then. */
  start(): number {
    return this.take(this.varint());
  }

  text(): string {
    const length = this.varint();
    const from = this.take(length);
    return utf8.decode(this.bytes.subarray(from, from + length));
  }

  /** Adds the field's numbers to `into`, packed or one by one. */
  numbers(into: number[], read: "varint" | "float" | "double"): void {
    if (this.type !== LENGTH) {
      into.push(this[read]());
      return;
    }
    const packed = this.inside();
    while (packed.at < packed.end) into.push(packed[read]());
  }

  skip(): void {
    if (this.type === LENGTH) this.take(this.varint());
    else if (this.type === FIXED64) this.take(8);
    else if (this.type === FIXED32) this.take(4);
    else this.varint();
  }

  /** Where the next `length` bytes begin. */
  private take(length: number): number {
    const from = this.at;
    if (length < 0 || from + length > this.end) throw broken();
    this.at = from + length;
    return from;
  }
}

const broken = () => new UnreadableGraph("the file is no protobuf message");
