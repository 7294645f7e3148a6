import type { ScanAnswers } from "@/server/datasets";

/** u32 length of the JSON in front of the numbers. */
const LENGTH_BYTES = 4;

/** Answers of a stretch as a part is stored: JSON of its bounds, then doubles, little endian. */
export function encodePart({ from, to, leftOut, values, probabilities }: ScanAnswers): Buffer {
  const head = Buffer.from(JSON.stringify({ from, to, leftOut, values: values.length }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(head.byteLength);
  return Buffer.concat([length, head, bytesOf(values), bytesOf(probabilities ?? EMPTY)]);
}

/** Throws when the bytes are no part. */
export function decodePart(bytes: Buffer): ScanAnswers {
  const headEnd = LENGTH_BYTES + bytes.readUInt32LE(0);
  const head = JSON.parse(bytes.toString("utf8", LENGTH_BYTES, headEnd));
  const numbers = doublesOf(bytes.subarray(headEnd));
  return {
    from: head.from,
    to: head.to,
    leftOut: head.leftOut,
    values: numbers.slice(0, head.values),
    probabilities: numbers.length > head.values ? numbers.slice(head.values) : undefined,
  };
}

const EMPTY = new Float64Array(0);

const bytesOf = (values: Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** A copy, since doubles must be aligned in memory. */
function doublesOf(bytes: Buffer): Float64Array {
  const copy = new Uint8Array(bytes);
  return new Float64Array(copy.buffer, 0, copy.byteLength / Float64Array.BYTES_PER_ELEMENT);
}
