const FIRST_BYTES = 512;

/** Writes fields of protobuf messages into memory that grows as needed. */
export class WireWriter {
  private buffer: Buffer;
  private length = 0;

  /** `bytes` is about how long the message becomes. */
  constructor(bytes = FIRST_BYTES) {
    this.buffer = Buffer.allocUnsafe(bytes);
  }

  finish(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private room(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.byteLength) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.buffer.byteLength));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  /** A number from its two 32-bit halves. */
  varint(low: number, high = 0): void {
    this.room(10);
    let rest = low >>> 0;
    let top = high >>> 0;
    while (top !== 0 || rest > 0x7f) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest = ((rest >>> 7) | (top << 25)) >>> 0;
      top >>>= 7;
    }
    this.buffer[this.length++] = rest;
  }

  tag(field: number, type: number): void {
    this.varint((field << 3) | type);
  }

  text(field: number, value: string): void {
    const bytes = Buffer.byteLength(value);
    this.tag(field, 2);
    this.varint(bytes);
    this.room(bytes);
    this.length += this.buffer.write(value, this.length);
  }

  bytes(field: number, value: Uint8Array): void {
    this.tag(field, 2);
    this.varint(value.byteLength);
    this.room(value.byteLength);
    this.buffer.set(value, this.length);
    this.length += value.byteLength;
  }

  /** Bytes of a known number that `write` puts into the buffer at the offset it is given. */
  sized(field: number, bytes: number, write: (target: Buffer, offset: number) => void): void {
    this.tag(field, 2);
    this.varint(bytes);
    this.room(bytes);
    write(this.buffer, this.length);
    this.length += bytes;
  }

  message(field: number, write: (inner: WireWriter) => void): void {
    const inner = new WireWriter(128);
    write(inner);
    this.bytes(field, inner.finish());
  }
}
