import { open, stat } from "node:fs/promises";
import { type Duck, literal } from "@/server/kernel/process/duck";
import type { ColumnType } from "../constants";
import { inferTypes } from "./infer-types";
import { DIALECT_BYTES, readDialect } from "./read-dialect";
import { UnreadableFile } from "./unreadable-file";

/** The table `data` was made; column i is named `c<i>` in it, whatever its name in the file. */
export interface LoadedTable {
  delimiter: string | null;
  columns: { name: string; type: ColumnType }[];
}

/** Texts that stand for a missing value, quoted or not: the ones Arrow takes for missing. */
const MISSING =
  "|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|N/A|NA|NULL|NaN|n/a|nan|null";
const LINE_BYTES_MAX = 8 * 1024 * 1024;

const CAST = {
  integer: (c) => `cast(${c} as bigint)`,
  number: (c) => `nullif(cast(${c} as double), 'nan'::double)`,
  boolean: (c) => `cast(${c} as boolean)`,
  text: (c) => c,
  date: (c) => `cast(${c} as date)`,
  // A time without a zone is taken as UTC, the zone of the session.
  timestamp: (c) => `cast(cast(${c} as timestamptz) as timestamp)`,
} satisfies Record<ColumnType, (column: string) => string>;

/**
 * Reads a CSV as the table `data`; the types of its columns are found unless they are known. Throws
 * UnreadableFile.
 */
export async function loadCsv(
  duck: Duck,
  path: string,
  known?: readonly ColumnType[],
): Promise<LoadedTable> {
  const { delimiter, names, skipLines } = await dialectOf(path);
  const declared = names.map((_, i) => `'c${i}': 'varchar'`).join(", ");
  try {
    await duck.run(`create table raw as select * from read_csv(${literal(path)},
      auto_detect = false, header = true, skip = ${skipLines}, delim = ${literal(delimiter)},
      quote = '"', escape = '"', strict_mode = true, null_padding = false, ignore_errors = false,
      max_line_size = ${LINE_BYTES_MAX}, buffer_size = ${LINE_BYTES_MAX * 4},
      nullstr = [${MISSING.split("|").map(literal).join(", ")}], columns = {${declared}})`);
  } catch (error) {
    throw explained(error, names.length);
  }
  const types = known ?? (await inferTypes(duck, names.length));
  const casts = types.map((type, i) => `${CAST[type](`c${i}`)} as c${i}`).join(", ");
  await duck.run(`create table data as select ${casts} from raw`);
  await duck.run("drop table raw");
  return { delimiter, columns: names.map((name, i) => ({ name, type: types[i] ?? "text" })) };
}

async function dialectOf(path: string) {
  const sizeBytes = (await stat(path)).size;
  const file = await open(path, "r");
  try {
    const bytes = Buffer.alloc(Math.min(sizeBytes, DIALECT_BYTES));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return readDialect(bytes.subarray(0, bytesRead), bytesRead === sizeBytes);
  } finally {
    await file.close();
  }
}

/** DuckDB's words name files and settings of ours; the caller gets the line and what to do. */
function explained(error: unknown, width: number): unknown {
  const text = error instanceof Error ? error.message : "";
  if (/state machine reached an invalid state/.test(text)) {
    return new UnreadableFile(
      "The file mixes line ends (LF and CRLF) or quotes badly. Save it with one kind of line end.",
    );
  }
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1];
  if (!line) {
    if (!text.startsWith("Invalid Input Error")) return error;
    return new UnreadableFile("The file cannot be read as CSV. Check its quotes and delimiters.");
  }
  const found = /Expected Number of Columns: \d+ Found: (\d+)/.exec(text)?.[1];
  if (found) {
    const fields = found === "1" ? "1 field" : `${found} fields`;
    return new UnreadableFile(
      `Line ${line} has ${fields} where the header has ${width}. Put fields that hold the delimiter in double quotes.`,
    );
  }
  if (/unicode|utf-8/i.test(text)) {
    return new UnreadableFile(`Line ${line} is not valid UTF-8. Save the file as UTF-8.`);
  }
  if (/quote/i.test(text)) {
    return new UnreadableFile(
      `Line ${line}: a double quote is not closed, or text follows it. Double the quotes inside a quoted field.`,
    );
  }
  if (/maximum line size/i.test(text)) {
    return new UnreadableFile(`Line ${line} is longer than ${LINE_BYTES_MAX} bytes.`);
  }
  return new UnreadableFile(`Line ${line} cannot be read. Check its quotes and delimiters.`);
}
