import type { TokenCursor } from "./cursor";
import { DATASET_KEYS, type FilterLanguage } from "./language";
import type { Token } from "./lexer";
import { AGGREGATES, FIELD_ENTITIES, type Field, FilterError } from "./syntax";

/** Python's way of writing a set of names, which stock error messages hold. */
export const braces = (names: readonly string[]): string =>
  `{${names.map((name) => `'${name}'`).join(", ")}}`;
const brackets = (names: readonly string[]): string =>
  `[${names.map((name) => `'${name}'`).join(", ")}]`;

const isQuoted = (token: Token): boolean => token.kind === "name" || token.kind === "text";

/**
 * A field: `metrics.loss`, `params."a b"`, `` tags.`a.b` ``, `status`, `min(metrics.loss)`.
 * `attributes` are the names that are good without an entity, or after `attributes.`.
 */
export function parseField(
  tokens: TokenCursor,
  language: FilterLanguage,
  attributes: readonly string[],
): Field {
  const first = tokens.peek();
  const aggregate = AGGREGATES.find((name) => name === first.value.toLowerCase());
  if (first.kind === "word" && aggregate && tokens.peek(1).value === "(") {
    tokens.next();
    tokens.next();
    const inner = tokens.peek();
    const field = plainField(tokens, language, attributes);
    if (field.entity !== "metric") {
      throw new FilterError(
        `${aggregate}() takes a metric, as in ${aggregate}(metrics.loss).`,
        inner.start,
      );
    }
    const close = tokens.peek();
    if (!tokens.takeMark(")")) {
      throw new FilterError(`Expected ')' after ${aggregate}(${inner.raw}.`, close.start);
    }
    return { ...field, aggregate };
  }
  return plainField(tokens, language, attributes);
}

function plainField(
  tokens: TokenCursor,
  language: FilterLanguage,
  attributes: readonly string[],
): Field {
  const first = tokens.next();
  const { entity, key } = splitName(tokens, first);
  if (entity === null) return attribute(key, first, language, attributes);
  const meaning = Object.hasOwn(language.entities, entity) ? language.entities[entity] : undefined;
  if (!meaning) {
    const valid = FIELD_ENTITIES.filter((name) => Object.values(language.entities).includes(name));
    throw new FilterError(
      `Invalid entity type '${entity}'. Valid values are ${brackets(valid)}`,
      first.start,
    );
  }
  if (key === "") {
    throw new FilterError(
      `Invalid identifier '${first.raw}': a name is missing after the dot.`,
      first.start,
    );
  }
  if (meaning === "attribute") return attribute(key, first, language, attributes);
  if (meaning === "dataset" && !(DATASET_KEYS as readonly string[]).includes(key)) {
    throw new FilterError(
      `Invalid dataset key '${key}' specified. Valid keys are '${braces(DATASET_KEYS)}'`,
      first.start,
    );
  }
  return meaning === "metric"
    ? { entity: meaning, key, aggregate: "last" }
    : { entity: meaning, key };
}

/** What stands before and after the first dot; the part after may be quoted. */
function splitName(tokens: TokenCursor, first: Token): { entity: string | null; key: string } {
  if (first.kind === "word") {
    const dot = first.value.indexOf(".");
    if (dot < 0) return { entity: null, key: first.value };
    const key = first.value.slice(dot + 1);
    const entity = first.value.slice(0, dot);
    if (key === "" && isQuoted(tokens.peek()) && tokens.isAdjacent()) {
      return { entity, key: tokens.next().value };
    }
    return { entity, key };
  }
  if (!isQuoted(first)) throw notAField(first);
  const dot = tokens.peek();
  if (dot.kind !== "word" || !dot.value.startsWith(".") || !tokens.isAdjacent()) {
    if (first.raw.startsWith("'")) throw notAField(first);
    return { entity: null, key: first.value };
  }
  tokens.next();
  if (dot.value === "." && isQuoted(tokens.peek()) && tokens.isAdjacent()) {
    return { entity: first.value, key: tokens.next().value };
  }
  return { entity: first.value, key: dot.value.slice(1) };
}

const notAField = (token: Token) =>
  new FilterError(
    token.kind === "end"
      ? "Invalid comparison clause. Expected 'Identifier' found the end."
      : `Invalid comparison clause. Expected 'Identifier' found '${token.raw}'`,
    token.start,
  );

function attribute(
  name: string,
  at: Token,
  language: FilterLanguage,
  attributes: readonly string[],
): Field {
  const key = Object.hasOwn(language.aliases, name) ? (language.aliases[name] ?? name) : name;
  if (attributes.includes(key)) return { entity: "attribute", key };
  const valid = [...attributes, ...Object.keys(language.aliases)].toSorted();
  throw new FilterError(
    `Invalid attribute key '${name}' specified. Valid keys are '${braces(valid)}'`,
    at.start,
  );
}
