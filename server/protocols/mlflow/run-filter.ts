import {
  NUMBER_OPERATORS,
  type RunCondition,
  type RunOrder,
  TEXT_OPERATORS,
} from "@/server/experiments";
import { invalidParameter } from "./errors";

/** Pieces of a filter: quoted text, quoted or bare names, numbers, operators, brackets. */
const TOKEN =
  /\s*(?:(?<text>'(?:[^'\\]|\\.|'')*'|"[^"]*")|(?<name>`[^`]+`)|(?<operator>>=|<=|!=|=|>|<)|(?<mark>[(),])|(?<word>(?:\.(?:"[^"]*"|`[^`]*`)|[^\s'"`=<>!(),])+))/y;

interface Token {
  kind: "text" | "name" | "operator" | "mark" | "word";
  value: string;
}

function tokenize(filter: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < filter.trimEnd().length) {
    const groups = TOKEN.exec(filter)?.groups;
    const found = Object.entries(groups ?? {}).find(([, value]) => value !== undefined);
    if (!found) throw invalidParameter(`Invalid filter '${filter}': it cannot be read.`);
    tokens.push({ kind: found[0] as Token["kind"], value: found[1] ?? "" });
  }
  return tokens;
}

const ENTITIES: Record<string, "metric" | "param" | "tag" | "attribute"> = {
  metric: "metric",
  metrics: "metric",
  param: "param",
  params: "param",
  parameter: "param",
  parameters: "param",
  tag: "tag",
  tags: "tag",
  attribute: "attribute",
  attributes: "attribute",
  attr: "attribute",
  run: "attribute",
};

const TEXT_NAMES: Record<string, "status" | "run_name" | "run_id" | "user_id"> = {
  status: "status",
  run_name: "run_name",
  "run name": "run_name",
  Name: "run_name",
  run_id: "run_id",
  user_id: "user_id",
};
const NUMBER_NAMES: Record<string, "start_time" | "end_time"> = {
  start_time: "start_time",
  created: "start_time",
  Created: "start_time",
  end_time: "end_time",
};

interface Identifier {
  entity: "metric" | "param" | "tag" | "attribute";
  key: string;
}

const unquote = (text: string): string =>
  /^(["'`]).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;

function identifier(text: string): Identifier {
  const at = text.indexOf(".");
  const entity = at > 0 ? ENTITIES[text.slice(0, at)] : undefined;
  if (entity) return { entity, key: unquote(text.slice(at + 1)) };
  return { entity: "attribute", key: unquote(text) };
}

/** Comparisons joined by AND. Throws INVALID_PARAMETER_VALUE with what cannot be read. */
export function parseRunFilter(filter: string): RunCondition[] {
  const tokens = tokenize(filter);
  const conditions: RunCondition[] = [];
  let at = 0;
  while (at < tokens.length) {
    if (conditions.length > 0 && tokens[at++]?.value.toUpperCase() !== "AND") {
      throw invalidParameter(`Invalid clause(s) in filter string: '${filter}'. Join them by AND.`);
    }
    const name = tokens[at++];
    if (!name || name.kind === "operator" || name.kind === "mark") throw unreadable(filter);
    let operator = (tokens[at++]?.value ?? "").toUpperCase();
    if (operator === "NOT") operator = `NOT ${(tokens[at++]?.value ?? "").toUpperCase()}`;
    const end = valueEnd(tokens, at);
    conditions.push(condition(identifier(name.value), operator, tokens.slice(at, end), filter));
    at = end;
  }
  return conditions;
}

const unreadable = (filter: string) =>
  invalidParameter(`Invalid clause(s) in filter string: '${filter}'.`);

/** Where the value that begins at `at` ends: one token, or a list in brackets. */
function valueEnd(tokens: Token[], at: number): number {
  if (tokens[at]?.value !== "(") return at + 1;
  const close = tokens.findIndex((token, index) => index > at && token.value === ")");
  return close < 0 ? tokens.length : close + 1;
}

function condition(
  { entity, key }: Identifier,
  operator: string,
  tokens: Token[],
  filter: string,
): RunCondition {
  const number = entity === "metric" ? key : entity === "attribute" ? NUMBER_NAMES[key] : undefined;
  if (number !== undefined) {
    const known = NUMBER_OPERATORS.find((one) => one === operator);
    const value = tokens[0]?.kind === "word" ? Number(tokens[0].value) : Number.NaN;
    if (!known) throw wrongOperator(operator, key);
    if (Number.isNaN(value)) throw invalidParameter(`Expected numeric value type for ${key}.`);
    return entity === "metric"
      ? { entity, key, operator: known, value }
      : { entity: "attribute", key: number as "start_time", operator: known, value };
  }
  const known = TEXT_OPERATORS.find((one) => one === operator);
  if (!known) throw wrongOperator(operator, key);
  const values = tokens
    .filter((token) => token.kind === "text")
    .map((token) => textOf(token.value));
  const isList = known === "IN" || known === "NOT IN";
  if (values.length === 0 || (!isList && (values.length > 1 || tokens.length > 1))) {
    throw invalidParameter(`Expected a quoted string value for ${key} in filter '${filter}'.`);
  }
  const test = { operator: known, values };
  if (entity !== "attribute") return { entity: entity as "param", key, ...test };
  const name = TEXT_NAMES[key];
  if (!name) throw invalidAttribute(key);
  return { entity: "attribute", key: name, ...test };
}

const textOf = (token: string): string =>
  token.startsWith("'") ? token.slice(1, -1).replaceAll("''", "'") : token.slice(1, -1);

const wrongOperator = (operator: string, key: string) =>
  invalidParameter(`Invalid comparator '${operator}' for '${key}'.`);

const invalidAttribute = (key: string) =>
  invalidParameter(
    `Invalid attribute key '${key}' specified. Valid keys are ${[...Object.keys(TEXT_NAMES), ...Object.keys(NUMBER_NAMES)].join(", ")}.`,
  );

/** `metrics.x DESC` and the like. Throws INVALID_PARAMETER_VALUE for unknown fields and repeated ones. */
export function parseRunOrder(clauses: string[]): RunOrder[] {
  const seen = new Set<string>();
  return clauses.map((clause) => {
    const [, name = "", direction] = /^(.*?)(?:\s+(asc|desc))?$/is.exec(clause.trim()) ?? [];
    const { entity, key } = identifier(name.trim());
    if (name.trim() === "" || key === "")
      throw invalidParameter(`Invalid order_by clause '${clause}'.`);
    const ascending = direction?.toLowerCase() !== "desc";
    const order = orderOf(entity, key, ascending);
    if (seen.has(`${order.entity} ${order.key}`)) {
      throw invalidParameter(`\`order_by\` contains duplicate fields: ${clauses.join(", ")}`);
    }
    seen.add(`${order.entity} ${order.key}`);
    return order;
  });
}

function orderOf(entity: Identifier["entity"], key: string, ascending: boolean): RunOrder {
  if (entity !== "attribute") return { entity, key, ascending };
  const name = TEXT_NAMES[key] ?? NUMBER_NAMES[key];
  if (!name) throw invalidAttribute(key);
  return { entity, key: name, ascending };
}
