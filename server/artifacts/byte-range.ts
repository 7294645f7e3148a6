/** First and last byte, both included. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Reads a Range header (RFC 9110, 14.2) against a size in bytes.
 * Answers undefined when the whole is to be sent: no header, another unit, several ranges or a
 * malformed one, which a server may ignore; "unsatisfiable" when it lies outside.
 */
export function parseByteRange(
  header: string | null | undefined,
  sizeBytes: number,
): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/.exec(header ?? "");
  if (!match) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") return last === "" ? undefined : suffixRange(Number(last), sizeBytes);
  const start = Number(first);
  const end = last === "" ? Number.POSITIVE_INFINITY : Number(last);
  if (end < start) return undefined;
  if (start >= sizeBytes) return "unsatisfiable";
  return { start, end: Math.min(end, sizeBytes - 1) };
}

function suffixRange(lengthBytes: number, sizeBytes: number): ByteRange | "unsatisfiable" {
  if (lengthBytes === 0 || sizeBytes === 0) return "unsatisfiable";
  return { start: Math.max(0, sizeBytes - lengthBytes), end: sizeBytes - 1 };
}
