import { FilterError } from "./syntax";

export interface Token {
  kind: "text" | "name" | "operator" | "mark" | "word" | "end";
  /** As written, quotes and all. */
  raw: string;
  /** Without quotes, doubled ones undone. */
  value: string;
  start: number;
  end: number;
}

/** The longest filter that is read, UTF-16 units. */
export const FILTER_MAX = 20_000;

/**
 * Text in single or double quotes, names in backticks, operators, brackets and commas, and words,
 * which are all else up to a blank: names with dots, numbers, AND. A quote inside its own kind is doubled;
 * a backslash is a backslash.
 */
const TOKEN =
  /(?<text>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?<name>`(?:[^`]|``)*`)|(?<operator>[=<>!]+)|(?<mark>[(),])|(?<word>[^\s'"`=<>!(),]+)/y;
const BLANK = /\s*/y;

/** Throws FilterError for a quote that never ends and for texts over FILTER_MAX. */
export function tokenize(source: string): Token[] {
  if (source.length > FILTER_MAX) {
    throw new FilterError(`The filter is longer than ${FILTER_MAX} characters.`, FILTER_MAX);
  }
  const tokens: Token[] = [];
  let at = skipBlank(source, 0);
  while (at < source.length) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(source)?.groups ?? {};
    const [kind, raw] = Object.entries(groups).find(([, part]) => part !== undefined) ?? [];
    if (!kind || raw === undefined) {
      throw new FilterError(
        `Invalid filter '${source}'. Could not be parsed: a quote does not end.`,
        at,
      );
    }
    tokens.push({
      kind: kind as Token["kind"],
      raw,
      value: kind === "text" || kind === "name" ? unquote(raw) : raw,
      start: at,
      end: at + raw.length,
    });
    at = skipBlank(source, at + raw.length);
  }
  tokens.push({ kind: "end", raw: "", value: "", start: source.length, end: source.length });
  return tokens;
}

function skipBlank(source: string, at: number): number {
  BLANK.lastIndex = at;
  BLANK.exec(source);
  return BLANK.lastIndex;
}

const unquote = (raw: string): string => {
  const quote = raw.charAt(0);
  return raw.slice(1, -1).replaceAll(quote + quote, quote);
};
