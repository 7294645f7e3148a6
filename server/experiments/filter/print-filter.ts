import type { Comparison, Field, Filter, Order } from "./syntax";

const WORD = {
  metric: "metrics",
  parameter: "params",
  tag: "tags",
  attribute: "attributes",
  dataset: "dataset",
  span: "span",
  feedback: "feedback",
  expectation: "expectation",
} satisfies Record<Field["entity"], string>;

/** Names that need no quotes. A final dot would join a quote that follows. */
const PLAIN = /^[\w/\-:.]*[\w/\-:]$/;

const quote = (text: string, mark: string): string =>
  mark + text.replaceAll(mark, mark + mark) + mark;

/** A value as the grammar writes it. */
export const quoteText = (text: string): string => quote(text, "'");

/** A field as the grammar writes it; attributes without their prefix. */
export function printField(field: Field): string {
  if (field.entity === "attribute") return field.key;
  const name = `${WORD[field.entity]}.${PLAIN.test(field.key) ? field.key : quote(field.key, "`")}`;
  return field.entity === "metric" && field.aggregate !== "last"
    ? `${field.aggregate}(${name})`
    : name;
}

/** A filter as text that parses to the same tree; the empty text for null. */
export function printFilter(filter: Filter | null): string {
  if (filter === null) return "";
  if (filter.kind === "and")
    return filter.terms.map((term) => inBrackets(term, ["or"])).join(" AND ");
  if (filter.kind === "or") return filter.terms.map(printFilter).join(" OR ");
  if (filter.kind === "not") return `NOT ${inBrackets(filter.term, ["and", "or"])}`;
  return printComparison(filter);
}

const inBrackets = (filter: Filter, kinds: Filter["kind"][]): string =>
  kinds.includes(filter.kind) ? `(${printFilter(filter)})` : printFilter(filter);

function printComparison(comparison: Comparison): string {
  const left = `${printField(comparison.field)} ${comparison.operator}`;
  switch (comparison.kind) {
    case "null":
      return left;
    case "number":
      return `${left} ${comparison.value}`;
    case "text":
      return `${left} ${quoteText(comparison.value)}`;
    case "list":
      return `${left} (${comparison.values.map(quoteText).join(", ")})`;
  }
}

export const printOrder = ({ field, ascending }: Order): string =>
  `${printField(field)} ${ascending ? "ASC" : "DESC"}`;
