import type { Cell, Column } from "./column";

/** Text that spreadsheets would take for a formula; plain numbers are none. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A field of RFC 4180, text quoted; a leading sign of a formula is disarmed. */
function field(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value instanceof Date) return value.toISOString();
  const text = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return `"${text.replaceAll('"', '""')}"`;
}

/** The table as CSV, a header row first, a piece for each page of rows. */
export async function* writeCsv<Row>(
  columns: Column<Row>[],
  pages: AsyncIterable<Row[]>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(`${columns.map(({ name }) => field(name)).join(",")}\r\n`);
  for await (const rows of pages) {
    const lines = rows.map((row) => columns.map(({ cell }) => field(cell(row))).join(","));
    if (lines.length > 0) yield encoder.encode(`${lines.join("\r\n")}\r\n`);
  }
}
