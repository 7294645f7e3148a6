import type { TokenCursor } from "./cursor";
import type { FilterLanguage } from "./language";
import type { Token } from "./lexer";
import { braces, parseField } from "./parse-field";
import {
  type Comparison,
  type Field,
  FilterError,
  LIST_OPERATORS,
  NULL_OPERATORS,
  NUMBER_OPERATORS,
  TEXT_OPERATORS,
} from "./syntax";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Most values of one IN list. */
const LIST_MAX = 1000;

/** One test: a field, an operator, a value. Throws FilterError. */
export function parseComparison(tokens: TokenCursor, language: FilterLanguage): Comparison {
  const field = parseField(tokens, language, Object.keys(language.attributes));
  const at = tokens.peek();
  const word = readOperator(tokens);
  const nullOperator = NULL_OPERATORS.find((operator) => operator === word);
  if (nullOperator) {
    if (field.entity === "dataset") {
      throw new FilterError(
        `IS NULL / IS NOT NULL is only supported for tags and params, not for 'dataset' '${field.key}'`,
        at.start,
      );
    }
    return { kind: "null", field, operator: nullOperator };
  }
  if (isNumberField(field, language)) {
    const operator = NUMBER_OPERATORS.find((one) => one === word);
    if (!operator) throw wrongOperator(word, NUMBER_OPERATORS, at);
    return { kind: "number", field, operator, value: readNumber(tokens, field) };
  }
  const listOperator = LIST_OPERATORS.find((one) => one === word);
  if (listOperator) {
    return { kind: "list", field, operator: listOperator, values: readList(tokens) };
  }
  const operator = TEXT_OPERATORS.find((one) => one === word);
  if (!operator) throw wrongOperator(word, [...TEXT_OPERATORS, ...LIST_OPERATORS], at);
  return { kind: "text", field, operator, value: readText(tokens, field) };
}

export const isNumberField = (field: Field, language: FilterLanguage): boolean =>
  field.entity === "metric" ||
  (field.entity === "attribute" && language.attributes[field.key] === "number");

/** The operator in capitals, words of it joined by one blank. */
function readOperator(tokens: TokenCursor): string {
  const token = tokens.peek();
  if (token.kind === "operator") return tokens.next().value;
  if (token.kind !== "word") {
    const found = token.kind === "end" ? "the end" : `'${token.raw}'`;
    throw new FilterError(
      `Invalid comparison clause. Expected a comparator such as = or > found ${found}`,
      token.start,
    );
  }
  const first = tokens.next().value.toUpperCase();
  if (first === "NOT" && tokens.takeWord("IN")) return "NOT IN";
  if (first !== "IS") return first;
  if (tokens.takeWord("NULL")) return "IS NULL";
  if (tokens.takeWord("NOT") && tokens.takeWord("NULL")) return "IS NOT NULL";
  return first;
}

const wrongOperator = (word: string, valid: readonly string[], at: Token) =>
  new FilterError(`Invalid comparator '${word}' not one of '${braces(valid)}'`, at.start);

function readNumber(tokens: TokenCursor, field: Field): number {
  const token = tokens.next();
  const value =
    token.kind === "word" && NUMBER.test(token.value) ? Number(token.value) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const what = field.entity === "metric" ? "metric." : `numeric attribute: ${field.key}.`;
  throw new FilterError(
    `Expected numeric value type for ${what} Found ${found(token)}`,
    token.start,
  );
}

const found = (token: Token): string => (token.kind === "end" ? "the end" : token.raw);

function readText(tokens: TokenCursor, field: Field): string {
  const token = tokens.next();
  if (token.kind === "text") return withoutNul(token.value);
  if ((token.kind === "word" && !NUMBER.test(token.value)) || token.kind === "name") {
    throw new FilterError(
      `Parameter value is either not quoted or unidentified quote types used for string value ${token.raw}. Use either single or double quotes.`,
      token.start,
    );
  }
  const example =
    field.entity === "parameter" || field.entity === "tag" ? " (e.g. 'my-value')" : "";
  const what = { attribute: "attributes", dataset: "dataset attributes" }[field.entity as string];
  throw new FilterError(
    `Expected a quoted string value for ${what ?? field.entity}${example}. Got value ${found(token)}`,
    token.start,
  );
}

/** A column of text holds no NUL, so a value with one is the value without it. */
const withoutNul = (text: string) => text.replaceAll("\0", "");

const LIST = "While parsing a list in the query, expected";

function readList(tokens: TokenCursor): string[] {
  const open = tokens.next();
  if (open.value !== "(" || open.kind !== "mark") {
    throw new FilterError(
      `${LIST} a non-empty list of string values, but got ${found(open)}`,
      open.start,
    );
  }
  const values: string[] = [];
  while (!tokens.takeMark(")")) {
    const token = tokens.next();
    if (token.kind === "word" && NUMBER.test(token.value)) {
      throw new FilterError(
        `${LIST} string value, punctuation, or whitespace, but got different type in list: ${token.raw}`,
        token.start,
      );
    }
    if (token.kind !== "text" || values.length >= LIST_MAX) throw illFormed(token);
    values.push(withoutNul(token.value));
    const after = tokens.peek();
    if (after.value !== ")" && !tokens.takeMark(",")) throw illFormed(after);
  }
  if (values.length > 0) return values;
  throw new FilterError(
    `${LIST} a non-empty list of string values, but got empty list`,
    open.start,
  );
}

const illFormed = (token: Token) =>
  new FilterError(
    `${LIST} a non-empty list of string values, but got ill-formed list.`,
    token.start,
  );
