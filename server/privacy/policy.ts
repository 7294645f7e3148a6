import { createHash } from "node:crypto";
import { isUuid } from "@/server/kernel/ids";

/** Shorter texts are too common to be looked for inside other texts, characters. */
export const WORD_MIN = 6;

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** One spelling of who is looked for: what the caller wrote, or what the account says. */
export interface Term {
  text: string;
  /** What stands in its place afterwards; of the same shape, so that ids stay ids. */
  pseudonym: string;
  /** Looked for inside longer texts. */
  words: boolean;
  /** Looked for as the whole of a name. */
  exact: boolean;
  /** What the caller wrote, in contrast to a name that belongs to it. */
  typed: boolean;
  /** Any way it is written, unbounded. */
  spelled: string;
  /** For text: bounded by what is no letter or digit, e-mail addresses by what cannot belong to one. */
  loose: string;
  /** For lines of the prediction log, where a longer id is another person. */
  strict: string;
}

/** The pseudonym of a subject in one erasure: nobody can go back from it without the salt. */
export const pseudonymOf = (salt: Buffer, subject: string): string =>
  `erased-${digestOf(salt, subject).slice(0, 12)}`;

/** SHA-256 of salt and text, lower-case hex. */
export const digestOf = (salt: Buffer, text: string): string =>
  createHash("sha256").update(salt).update(text).digest("hex");

/** The term with its patterns. `pseudonym` is the subject's; ids and numbers get one of their shape. */
export function makeTerm(text: string, pseudonym: string, salt: Buffer, typed: boolean): Term {
  const isNumber = /^\d+$/.test(text);
  const digest = digestOf(salt, text);
  const shaped = isUuid(text)
    ? `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`
    : isNumber
      ? String(10 ** 11 + (Number.parseInt(digest.slice(0, 9), 16) % 10 ** 11))
      : pseudonym;
  const any = `(?:${spellings(text).map(literal).join("|")})`;
  const edges = EMAIL.test(text) ? STRICT : isNumber ? NUMBER : LOOSE;
  return {
    text,
    pseudonym: shaped,
    // One word that is somebody's name may be any word.
    words:
      text.length >= WORD_MIN && (typed || EMAIL.test(text) || isUuid(text) || /\s/.test(text)),
    exact: !typed || (text.length > 2 && !isNumber),
    typed,
    spelled: any,
    loose: edges[0] + any + edges[1],
    strict: STRICT[0] + any + STRICT[1],
  };
}

const LOOSE = ["(?<![[:alnum:]])", "(?![[:alnum:]])"] as const;
const NUMBER = ["(?<![[:alnum:]])(?<![0-9]\\.)", "(?![[:alnum:]])(?!\\.[0-9])"] as const;
const STRICT = [
  "(?<![[:alnum:]_@+%-])(?<![[:alnum:]]\\.)",
  "(?![[:alnum:]_@+-])(?!\\.[[:alnum:]])",
] as const;

/** As it stands in plain text, in JSON with and without escaped letters, and in an address. */
function spellings(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replaceAll(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [...new Set([text, json, ascii, encodeURIComponent(text)])];
}

/** Literal in an expression of PostgreSQL and of JavaScript alike. */
const literal = (text: string): string => text.replaceAll(/[\\^$.|?*+()[\]{}]/g, "\\$&");

/** A named field of a row with the term as its value, in JSON however it is spaced. */
export function fieldPattern(fields: readonly string[], term: Term): string {
  const names = fields.map((name) => literal(JSON.stringify(name))).join("|");
  const value = literal(JSON.stringify(term.text));
  const bare = /^-?\d+(\.\d+)?$/.test(term.text) ? `|${literal(term.text)}` : "";
  return `(?:${names})\\s*:\\s*(?:${value}${bare})(?=\\s*[,}])`;
}

/** The pattern of a term as JavaScript reads it. */
export const toExpression = (pattern: string): RegExp =>
  new RegExp(pattern.replaceAll("[[:alnum:]", "[\\p{L}\\p{N}"), "giu");
