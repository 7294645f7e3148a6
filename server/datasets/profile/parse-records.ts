/** One CSV record and whether a quote in it was never closed. */
export interface ParsedRecords {
  records: string[][];
  /** The text ended inside a record; it is not among the records. */
  cut: string[] | undefined;
  unclosedQuote: boolean;
}

/**
 * The first records of a CSV text (RFC 4180: quotes around a field, doubled inside it; fields may
 * hold line breaks; records end with LF, CRLF or CR). Empty lines are no records.
 * `whole`: the text is the entire file, so its end also ends a record.
 */
export function parseRecords(
  text: string,
  delimiter: string,
  limit: number,
  whole: boolean,
): ParsedRecords {
  const records: string[][] = [];
  let fields: string[] = [];
  let at = 0;
  while (at < text.length && records.length < limit) {
    const field = readField(text, at, delimiter);
    fields.push(field.value);
    at = field.end;
    if (field.unclosed) return { records, cut: fields, unclosedQuote: true };
    if (at >= text.length) break;
    if (text[at] === delimiter) {
      at += 1;
      // A delimiter at the very end still begins one more field.
      if (at >= text.length) fields.push("");
      continue;
    }
    at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
    if (fields.length > 1 || fields[0] !== "") records.push(fields);
    fields = [];
  }
  const rest = fields.length > 1 || (fields[0] ?? "") !== "" ? fields : undefined;
  if (rest && whole && records.length < limit) {
    records.push(rest);
    return { records, cut: undefined, unclosedQuote: false };
  }
  return { records, cut: rest, unclosedQuote: false };
}

interface Field {
  value: string;
  /** Where the delimiter or line break after the field stands. */
  end: number;
  unclosed: boolean;
}

function readField(text: string, start: number, delimiter: string): Field {
  if (text[start] !== '"') {
    const end = endOfPlain(text, start, delimiter);
    return { value: text.slice(start, end), end, unclosed: false };
  }
  let value = "";
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return { value: value + text.slice(at), end: text.length, unclosed: true };
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') {
      const end = endOfPlain(text, quote + 1, delimiter);
      return { value: value + text.slice(quote + 1, end), end, unclosed: false };
    }
    value += '"';
    at = quote + 2;
  }
}

function endOfPlain(text: string, start: number, delimiter: string): number {
  let at = start;
  while (at < text.length) {
    const c = text[at];
    if (c === delimiter || c === "\n" || c === "\r") break;
    at += 1;
  }
  return at;
}
