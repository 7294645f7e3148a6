import { COLUMN_NAME_MAX, COLUMNS_MAX } from "../constants";
import { parseRecords } from "./parse-records";
import { UnreadableFile } from "./unreadable-file";

/** Bytes of a file that are looked at to find its delimiter and header. */
export const DIALECT_BYTES = 4 * 1024 * 1024;

export interface CsvDialect {
  delimiter: string;
  names: string[];
  /** Empty lines before the header. */
  skipLines: number;
}

const DELIMITERS = [",", ";", "\t", "|"] as const;
const RECORDS_COMPARED = 50;

/** Finds delimiter and column names. `whole`: the bytes are the entire file. Throws UnreadableFile. */
export function readDialect(bytes: Buffer, whole: boolean): CsvDialect {
  refuseOtherFormats(bytes);
  const text = decode(bytes, whole);
  if (text.trim() === "") throw new UnreadableFile("The file is empty. Send a header and rows.");
  const parsed = DELIMITERS.map((delimiter) => {
    const { records, cut, unclosedQuote } = parseRecords(text, delimiter, RECORDS_COMPARED, whole);
    return { delimiter, records, cut, unclosedQuote, width: records[0]?.length ?? 0 };
  });
  const even = parsed.filter((p) => p.width > 1 && p.records.every((r) => r.length === p.width));
  const best = widest(even.length > 0 ? even : parsed);
  const header = best.records[0];
  if (!header) {
    const fix = best.unclosedQuote
      ? "The header has a quote that is never closed."
      : `The header is longer than ${DIALECT_BYTES} bytes.`;
    throw new UnreadableFile(`${fix} Is this a CSV file?`);
  }
  checkNames(header);
  const before = /^(?:\r\n|\n|\r)*/.exec(text)?.[0] ?? "";
  const skipLines = before.match(/\r\n|\n|\r/g)?.length ?? 0;
  return { delimiter: best.delimiter, names: header, skipLines };
}

const widest = <T extends { width: number }>(list: T[]): T =>
  list.reduce((best, one) => (one.width > best.width ? one : best));

function refuseOtherFormats(bytes: Buffer): void {
  const magic = (...codes: number[]) => codes.every((code, at) => bytes[at] === code);
  if (magic(0x50, 0x4b, 3, 4) || magic(0xd0, 0xcf, 0x11, 0xe0)) {
    throw new UnreadableFile("This is an Excel or ZIP file. Export the table as CSV or Parquet.");
  }
  if (magic(0x1f, 0x8b) || magic(0x28, 0xb5, 0x2f, 0xfd) || magic(0x42, 0x5a, 0x68)) {
    throw new UnreadableFile("The file is compressed. Unpack it and send the CSV inside.");
  }
  if (magic(0xff, 0xfe) || magic(0xfe, 0xff)) {
    throw new UnreadableFile("The file is UTF-16. Save it as UTF-8.");
  }
  if (bytes.includes(0)) {
    throw new UnreadableFile("The file holds binary data and is no CSV. Send CSV or Parquet.");
  }
  const head = bytes.subarray(0, 512).toString("latin1").replace("\xef\xbb\xbf", "").trimStart();
  if (/^<(!doctype|html|\?xml|!--|head|body|svg)/i.test(head)) {
    throw new UnreadableFile("This is a web page or XML, no CSV. Check the address it came from.");
  }
  if (/^(\{|\[\s*[[{])/.test(head)) {
    throw new UnreadableFile("This looks like JSON. Send the table as CSV or Parquet.");
  }
  if (head.startsWith("%PDF-")) throw new UnreadableFile("This is a PDF. Send CSV or Parquet.");
}

function decode(bytes: Buffer, whole: boolean): string {
  try {
    // A part may end inside a character; `stream` leaves that one out. The mark at the start goes.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !whole });
  } catch {
    throw new UnreadableFile("The file is not valid UTF-8. Save it as UTF-8 and send it again.");
  }
}

/** Throws UnreadableFile unless the names are present, different, short and not too many. */
export function checkNames(names: readonly string[]): void {
  if (names.length > COLUMNS_MAX) {
    throw new UnreadableFile(
      `The file has ${names.length} columns; ${COLUMNS_MAX} are the limit. Drop or combine some.`,
    );
  }
  const seen = new Map<string, number>();
  names.forEach((name, at) => {
    const place = `Column ${at + 1}`;
    if (name.trim() === "") throw new UnreadableFile(`${place} has no name in the header.`);
    if (name.length > COLUMN_NAME_MAX) {
      throw new UnreadableFile(`${place}: its name is longer than ${COLUMN_NAME_MAX} characters.`);
    }
    if (/\p{Cc}/u.test(name) || name === "__proto__") {
      throw new UnreadableFile(`${place}: its name holds what no name may hold. Rename it.`);
    }
    const before = seen.get(name);
    if (before !== undefined) {
      const other = before + 1;
      throw new UnreadableFile(
        `Columns ${other} and ${at + 1} are both named "${name}". Rename one.`,
      );
    }
    seen.set(name, at);
  });
}
