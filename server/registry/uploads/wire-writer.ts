/** A number in protobuf's base 128. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

/** A field of a number. */
export const integer = (number: number, value: number): Buffer =>
  Buffer.concat([varint(number * 8), varint(value)]);

/** What stands before the content of a field of that many bytes. */
export const lengthPrefix = (number: number, length: number): Buffer =>
  Buffer.concat([varint(number * 8 + 2), varint(length)]);

/** A field of bytes, a text or a message. */
export function field(number: number, content: string | Buffer): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return Buffer.concat([lengthPrefix(number, bytes.length), bytes]);
}
