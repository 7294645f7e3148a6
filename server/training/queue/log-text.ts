import { isUtf8 } from "node:buffer";

const QUESTION_MARK = 0x3f;

/** Length of the UTF-8 sequence that a lead byte begins; 0 for a byte that begins none. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

/**
 * Text of raw output with the same length in bytes, so that offsets stay true: what is no UTF-8,
 * and U+0000, which Postgres cannot hold, becomes a question mark.
 */
export function toLogText(bytes: Buffer): string {
  if (isUtf8(bytes) && !bytes.includes(0)) return bytes.toString("utf8");
  const clean = Buffer.from(bytes);
  for (let at = 0; at < clean.length; ) {
    const length = sequenceLength(clean[at] ?? 0);
    const good = length > 0 && clean[at] !== 0 && isUtf8(clean.subarray(at, at + length));
    if (!good) clean[at] = QUESTION_MARK;
    at += good ? length : 1;
  }
  return clean.toString("utf8");
}

/** How many bytes make whole characters; up to three bytes of a character still arriving are left. */
export function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const length = sequenceLength(bytes[bytes.length - back] ?? 0);
    if (length > 0) return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
