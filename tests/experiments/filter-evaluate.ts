import type { Comparison, Field, Filter, Order } from "@/server/experiments/filter/syntax";

/** What is known of a run in memory; metrics hold all values in order of step. */
export interface Facts {
  id: string;
  attributes: Record<string, string | number | null>;
  params: Record<string, string>;
  tags: Record<string, string>;
  metrics: Record<string, number[]>;
}

/** The value of a field: NaN is not a number, undefined is nothing. `best` is the greatest. */
function fieldValue(run: Facts, field: Field): string | number | undefined {
  if (field.entity === "attribute") return run.attributes[field.key] ?? undefined;
  if (field.entity !== "metric") {
    return (field.entity === "parameter" ? run.params : run.tags)[field.key];
  }
  const values = run.metrics[field.key];
  if (!values) return undefined;
  if (field.aggregate === "last") return values.at(-1);
  const numbers = values.filter((value) => !Number.isNaN(value));
  if (numbers.length === 0) return Number.NaN;
  return field.aggregate === "min" ? Math.min(...numbers) : Math.max(...numbers);
}

const like = (value: string, pattern: string, flags: string): boolean => {
  const parts = [...pattern].map((c) =>
    c === "%" ? ".*" : c === "_" ? "." : c.replace(/[\^$.*+?()[\]{}|\\/-]/, "\\$&"),
  );
  return new RegExp(`^${parts.join("")}$`, `${flags}su`).test(value);
};

function meets(run: Facts, comparison: Comparison): boolean {
  const value = fieldValue(run, comparison.field);
  if (comparison.kind === "null")
    return (value === undefined) === (comparison.operator === "IS NULL");
  if (value === undefined) return false;
  if (comparison.kind === "list") {
    return comparison.values.includes(String(value)) === (comparison.operator === "IN");
  }
  if (comparison.kind === "number") return meetsNumber(Number(value), comparison);
  switch (comparison.operator) {
    case "=":
      return value === comparison.value;
    case "!=":
      return value !== comparison.value;
    case "LIKE":
      return like(String(value), comparison.value, "");
    case "ILIKE":
      return like(String(value), comparison.value, "i");
  }
}

function meetsNumber(value: number, comparison: Comparison & { kind: "number" }): boolean {
  switch (comparison.operator) {
    case "=":
      return value === comparison.value;
    case "!=":
      return value !== comparison.value;
    case ">":
      return value > comparison.value;
    case ">=":
      return value >= comparison.value;
    case "<":
      return value < comparison.value;
    case "<=":
      return value <= comparison.value;
  }
}

/** The filter's meaning, told once more and as plainly as can be. */
export function evaluate(filter: Filter, run: Facts): boolean {
  if (filter.kind === "not") return !evaluate(filter.term, run);
  if (filter.kind === "and") return filter.terms.every((term) => evaluate(term, run));
  if (filter.kind === "or") return filter.terms.some((term) => evaluate(term, run));
  return meets(run, filter);
}

/** Code points, as the collation "C" has it. */
const compareTexts = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The sort's meaning: values, then NaN, then nothing; at last the newest first, then the id. */
export function compareBy(orders: Order[]): (a: Facts, b: Facts) => number {
  return (a, b) => {
    for (const { field, ascending } of orders) {
      const [x, y] = [fieldValue(a, field), fieldValue(b, field)];
      const group = (v: unknown) => (v === undefined ? 2 : Number.isNaN(v) ? 1 : 0);
      if (group(x) !== group(y)) return group(x) - group(y);
      if (group(x) !== 0 || x === y) continue;
      const order = typeof x === "number" ? x - Number(y) : compareTexts(String(x), String(y));
      if (order !== 0) return ascending ? order : -order;
    }
    return (
      Number(b.attributes.start_time) - Number(a.attributes.start_time) || compareTexts(a.id, b.id)
    );
  };
}
