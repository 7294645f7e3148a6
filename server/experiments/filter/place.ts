import { openTokens } from "./cursor";
import type { FilterLanguage } from "./language";
import { type Token, tokenize } from "./lexer";
import { parseField } from "./parse-field";
import { AGGREGATES, type Field, FilterError } from "./syntax";

/** What may stand at a place of an unfinished filter, and the part of it that is written already. */
export interface FilterPlace {
  expects: "field" | "operator" | "value" | "join";
  /** The field that is compared, once it is known. */
  field: Field | null;
  /** What is written from `from` to the place, quotes included. */
  partial: string;
  from: number;
  to: number;
}

/** A word longer than this is no name; looking back further would cost its square. */
const WORD_MAX = 1000;

const PARTIAL = /(?:[^\s'"`=<>!(),]|\.[`"][^`"]*[`"]?)*$/;

/** Reads an unfinished filter up to a place in it. Never throws: what cannot be read expects a field. */
export function placeInFilter(
  source: string,
  position: number,
  language: FilterLanguage,
): FilterPlace {
  const before = source.slice(0, position);
  const open = openQuote(before);
  const from = open ?? before.length - (PARTIAL.exec(before.slice(-WORD_MAX))?.[0].length ?? 0);
  const rest = open === null ? /^[^\s'"`=<>!(),]*/.exec(source.slice(position))?.[0] : "";
  const state = walk(before.slice(0, from), language);
  return { ...state, partial: before.slice(from), from, to: position + (rest?.length ?? 0) };
}

/** Where a quote begins that does not end; where its word begins, when it is the name of a field. */
function openQuote(before: string): number | null {
  try {
    tokenize(before);
    return null;
  } catch (error) {
    if (!(error instanceof FilterError) || error.position > before.length) return null;
    const word =
      /[^\s'"`=<>!(),]+\.$/.exec(before.slice(0, error.position).slice(-WORD_MAX))?.[0] ?? "";
    return error.position - word.length;
  }
}

type State = Pick<FilterPlace, "expects" | "field">;
const FIELD: State = { expects: "field", field: null };

function walk(before: string, language: FilterLanguage): State {
  let tokens: Token[];
  try {
    tokens = tokenize(before);
  } catch {
    return FIELD;
  }
  let state: State = FIELD;
  for (let at = 0; at < tokens.length - 1; at += 1) {
    const token = tokens[at];
    if (!token) break;
    if (state.expects !== "field") {
      state = step(state, token);
      continue;
    }
    const isNesting = token.value.toUpperCase() === "NOT" || token.kind === "mark";
    if (isNesting || isAggregate(token)) continue;
    // A name in quotes belongs to the word before it.
    while (tokens[at + 1]?.start === tokens[at]?.end && isName(tokens[at + 1])) at += 1;
    const text = before.slice(token.start, tokens[at]?.end);
    state = { expects: "operator", field: fieldOf(text, language) };
  }
  return state;
}

const isName = (token: Token | undefined) =>
  token?.kind === "name" || token?.kind === "text" || token?.kind === "word";
const isAggregate = (token: Token) =>
  (AGGREGATES as readonly string[]).includes(token.value.toLowerCase());

function fieldOf(text: string, language: FilterLanguage): Field | null {
  try {
    return parseField(openTokens(text), language, Object.keys(language.attributes));
  } catch {
    return null;
  }
}

/** What is expected after a token that is no field. */
function step({ expects, field }: State, token: Token): State {
  const word = token.value.toUpperCase();
  if (expects === "operator") {
    if (word === "NULL") return { expects: "join", field: null };
    const isOpen = token.kind === "mark" || word === "NOT" || word === "IS";
    return { expects: isOpen ? "operator" : "value", field };
  }
  if (expects === "value") return { expects: token.value === "(" ? "value" : "join", field };
  if (word === ",") return { expects: "value", field };
  return word === "AND" || word === "OR" ? FIELD : { expects: "join", field };
}
