import { RUN_LANGUAGE } from "@/server/experiments/filter/language";
import { parseFilter } from "@/server/experiments/filter/parse-filter";
import { printFilter } from "@/server/experiments/filter/print-filter";
import {
  type Comparison,
  type Field,
  type Filter,
  FilterError,
  NULL_OPERATORS,
  NUMBER_OPERATORS,
  TEXT_OPERATORS,
} from "@/server/experiments/filter/syntax";

/** A flat filter: conditions that all hold, or of which one holds. */
export interface Conditions {
  joiner: "and" | "or";
  terms: Comparison[];
}

const isComparison = (filter: Filter): filter is Comparison =>
  filter.kind !== "and" && filter.kind !== "or" && filter.kind !== "not";

/** The text as a flat list; null when it nests, or is no filter. */
export function toConditions(text: string): Conditions | null {
  try {
    const filter = parseFilter(text, RUN_LANGUAGE);
    if (filter === null) return { joiner: "and", terms: [] };
    if (isComparison(filter)) return { joiner: "and", terms: [filter] };
    if (filter.kind === "not" || !filter.terms.every(isComparison)) return null;
    return { joiner: filter.kind, terms: filter.terms };
  } catch (error) {
    if (error instanceof FilterError) return null;
    throw error;
  }
}

/** Conditions as text of the filter language. */
export function fromConditions({ joiner, terms }: Conditions): string {
  const [first] = terms;
  if (first === undefined) return "";
  return printFilter(terms.length === 1 ? first : { kind: joiner, terms });
}

/** What is wrong with a text, for the line under the field; null when it is a filter. */
export function filterProblem(text: string): string | null {
  try {
    parseFilter(text, RUN_LANGUAGE);
    return null;
  } catch (error) {
    if (error instanceof FilterError)
      return `${error.message} (at character ${error.position + 1})`;
    throw error;
  }
}

const NUMBER_ATTRIBUTES = new Set(
  Object.entries(RUN_LANGUAGE.attributes)
    .filter(([, type]) => type === "number")
    .map(([key]) => key),
);

/** Whether a field is compared as a number. */
export const isNumeric = (field: Field): boolean =>
  field.entity === "metric" || (field.entity === "attribute" && NUMBER_ATTRIBUTES.has(field.key));

/** Operators a condition on the field may have, as the builder offers them. */
export const operatorsOf = (field: Field): readonly string[] =>
  field.entity === "dataset"
    ? TEXT_OPERATORS.slice(0, 2)
    : [...(isNumeric(field) ? NUMBER_OPERATORS : TEXT_OPERATORS), ...NULL_OPERATORS];

/** A condition from what stands in the three fields of a line; null while the value is no number. */
export function condition(field: Field, operator: string, value: string): Comparison | null {
  const isNull = NULL_OPERATORS.find((one) => one === operator);
  if (isNull) return { kind: "null", field, operator: isNull };
  if (isNumeric(field)) {
    const known = NUMBER_OPERATORS.find((one) => one === operator);
    const number = Number(value);
    if (!known || value.trim() === "" || !Number.isFinite(number)) return null;
    return { kind: "number", field, operator: known, value: number };
  }
  const known = TEXT_OPERATORS.find((one) => one === operator);
  return known ? { kind: "text", field, operator: known, value } : null;
}

/** The value of a condition as its field shows it. */
export function valueText(comparison: Comparison): string {
  if (comparison.kind === "null") return "";
  if (comparison.kind === "list") return comparison.values.join(", ");
  return String(comparison.value);
}
