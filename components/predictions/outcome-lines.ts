/** What a line of a file says came of one request. */
export interface TypedOutcome {
  requestId: string;
  outcome: string | number | boolean | (string | number | boolean | null)[];
  at?: string;
}

/** A line of a file that says nothing usable, and why. */
export interface LineProblem {
  /** Counted from 1, the header included. */
  line: number;
  message: string;
}

/** A UUID of version 7, as request ids are. */
const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const TEXT_MAX = 1_000;

/** What somebody typed as the value it means: a JSON list, a number, true, false, or text. */
export function meantValue(text: string): TypedOutcome["outcome"] {
  const plain = text.trim();
  if (plain.startsWith("[")) {
    try {
      const list: unknown = JSON.parse(plain);
      if (Array.isArray(list)) return list as TypedOutcome["outcome"];
    } catch {
      // Text that begins with a bracket is text.
    }
  }
  if (plain === "true" || plain === "false") return plain === "true";
  return NUMBER.test(plain) ? Number(plain) : text;
}

/** The fields of a line of CSV, quotes undone; undefined when a quote does not end. */
export function fieldsOf(line: string): string[] | undefined {
  const fields: string[] = [];
  for (let at = 0; at <= line.length; ) {
    if (line[at] !== '"') {
      const end = line.indexOf(",", at);
      fields.push(line.slice(at, end < 0 ? undefined : end));
      at = end < 0 ? line.length + 1 : end + 1;
      continue;
    }
    let field = "";
    for (at += 1; ; at += 2) {
      const end = line.indexOf('"', at);
      if (end < 0) return undefined;
      field += line.slice(at, end);
      at = end;
      if (line[at + 1] !== '"') break;
      field += '"';
    }
    fields.push(field);
    at += 2;
  }
  return fields;
}

/** What a line says: request id, outcome, and when it happened where there is a third field. */
export function outcomeOf(fields: string[] | undefined): TypedOutcome | string {
  if (!fields) return "A quote does not end.";
  const [id = "", text = "", at = ""] = fields;
  if (fields.length < 2 || fields.length > 3) return "Two or three fields are meant.";
  if (!REQUEST_ID.test(id.trim()))
    return `“${id.slice(0, 40)}” is not the id of a prediction request.`;
  if (text.trim() === "") return "The outcome is empty.";
  if (text.length > TEXT_MAX && !text.startsWith("[")) return "The outcome is too long.";
  const base = { requestId: id.trim().toLowerCase(), outcome: meantValue(text) };
  if (at.trim() === "") return base;
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return `“${at.slice(0, 40)}” is not a time.`;
  return { ...base, at: time.toISOString() };
}

/** A first line that names the fields; anything with an id in it is none. */
export const isHeader = (fields: string[] | undefined): boolean =>
  fields !== undefined && /^\W*request[\s_-]?id$/i.test(fields[0]?.trim() ?? "");
