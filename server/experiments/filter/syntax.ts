/** Which of a metric's values is meant; `best` is the least or the greatest, as the metric has it. */
export const AGGREGATES = ["last", "min", "max", "best"] as const;
export type Aggregate = (typeof AGGREGATES)[number];

export const NUMBER_OPERATORS = [">", ">=", "=", "!=", "<", "<="] as const;
export const TEXT_OPERATORS = ["=", "!=", "LIKE", "ILIKE"] as const;
export const LIST_OPERATORS = ["IN", "NOT IN"] as const;
export const NULL_OPERATORS = ["IS NULL", "IS NOT NULL"] as const;
export type NumberOperator = (typeof NUMBER_OPERATORS)[number];
export type TextOperator = (typeof TEXT_OPERATORS)[number];

/** What stands before the dot of a field. */
export const FIELD_ENTITIES = [
  "metric",
  "parameter",
  "tag",
  "attribute",
  "dataset",
  "span",
  "feedback",
  "expectation",
] as const;
export type FieldEntity = (typeof FIELD_ENTITIES)[number];

/** Something that can be compared or sorted by; attributes go by their own name, never an alias. */
export type Field =
  | { entity: "metric"; key: string; aggregate: Aggregate }
  | { entity: Exclude<FieldEntity, "metric">; key: string };

/** One test of one field; `kind` says of what type its value is. */
export type Comparison =
  | { kind: "number"; field: Field; operator: NumberOperator; value: number }
  | { kind: "text"; field: Field; operator: TextOperator; value: string }
  | { kind: "list"; field: Field; operator: (typeof LIST_OPERATORS)[number]; values: string[] }
  | { kind: "null"; field: Field; operator: (typeof NULL_OPERATORS)[number] };

/** A filter as a tree; `and` and `or` hold two terms or more, none of their own kind. */
export type Filter =
  | Comparison
  | { kind: "and"; terms: Filter[] }
  | { kind: "or"; terms: Filter[] }
  | { kind: "not"; term: Filter };

/** One column of a sort. */
export interface Order {
  field: Field;
  ascending: boolean;
}

/** A text that is no filter or sort: what is wrong, and where, counted in UTF-16 units from 0. */
export class FilterError extends Error {
  override name = "FilterError";
  constructor(
    message: string,
    readonly position: number,
  ) {
    super(message);
  }
}
