import { badRequest, quoted } from "./protocol-error";

/** Arrays and objects nested deeper than this are refused. */
export const JSON_DEPTH_MAX = 100;

const QUOTE = 34;
const COMMA = 44;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** An integer literal of 16 digits or more may not be exact as a double. */
const LONG_INTEGER = /(?:^|[^.\d])\d{16,}(?![\d.eE])/;
const INTEGER = /^-?\d+$/;
/** Python's json module writes NaN and Infinity as bare words. */
const BARE_NON_FINITE = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
/** ES2026 hands the source text to the reviver; the library types do not know it yet. */
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

const exactInteger: Reviver = (_key, value, { source }) =>
  typeof value === "number" &&
  !Number.isSafeInteger(value) &&
  source !== undefined &&
  INTEGER.test(source)
    ? BigInt(source)
    : value;

/**
 * JSON as this protocol needs it: integers beyond 2^53 become bigint, the bare words NaN, Infinity
 * and -Infinity become strings of the same letters, names repeated within one object and nesting
 * deeper than 100 are refused. Throws ProtocolError 400.
 */
export function parseProtocolJson(text: string): unknown {
  scan(text);
  try {
    return parseExact(text);
  } catch (error) {
    if (/NaN|Infinity/.test(text)) {
      const strict = text.replace(BARE_NON_FINITE, (word) =>
        word.startsWith('"') ? word : `"${word}"`,
      );
      try {
        return parseExact(strict);
      } catch {
        // The first message names the position in the text as it was sent.
      }
    }
    const reason = error instanceof Error ? error.message : "syntax error";
    throw badRequest(`the request is not valid JSON: ${reason.slice(0, 120)}`);
  }
}

function parseExact(text: string): unknown {
  return LONG_INTEGER.test(text) ? parseWithSource(text, exactInteger) : JSON.parse(text);
}

/** One pass over the text for what JSON.parse lets through: depth and repeated names. */
function scan(text: string): void {
  const open: (Set<string> | null)[] = [];
  let names: Set<string> | null = null;
  let nameNext = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (names !== null && nameNext) addName(names, text.slice(at, end + 1));
      nameNext = false;
      at = end;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (open.length === JSON_DEPTH_MAX)
        throw badRequest(`the JSON is nested deeper than ${JSON_DEPTH_MAX} levels`);
      open.push(names);
      names = code === OPEN_OBJECT ? new Set() : null;
      nameNext = names !== null;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      names = open.pop() ?? null;
      nameNext = false;
    } else if (code === COMMA) {
      nameNext = names !== null;
    }
  }
}

function addName(names: Set<string>, literal: string): void {
  const name = literal.includes("\\") ? unescapeName(literal) : literal.slice(1, -1);
  if (names.has(name)) throw badRequest(`the JSON has the name ${quoted(name)} twice`);
  names.add(name);
}

function unescapeName(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    // Not valid JSON: the parse that follows says where.
    return literal;
  }
}

/** Index of the closing quote, or the end of the text for a string that never ends. */
function endOfString(text: string, start: number): number {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
}
