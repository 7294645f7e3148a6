import { type SQL, sql } from "drizzle-orm";
import type { Comparison, Filter, NumberOperator } from "./syntax";

/**
 * How one comparison reads in SQL for one kind of thing. The answer is true or false, never null: what a
 * thing does not have meets no comparison but IS NULL, and NOT turns that around.
 */
export type ComparisonSql = (comparison: Comparison) => SQL;

/** A filter as one SQL condition. */
export function compileFilter(filter: Filter, comparisonSql: ComparisonSql): SQL {
  if (filter.kind === "not") return sql`not ${compileFilter(filter.term, comparisonSql)}`;
  if (filter.kind === "and" || filter.kind === "or") {
    const terms = filter.terms.map((term) => compileFilter(term, comparisonSql));
    return sql`(${sql.join(terms, filter.kind === "and" ? sql` and ` : sql` or `)})`;
  }
  return sql`(${comparisonSql(filter)})`;
}

const COMPARE = {
  ">": sql`>`,
  ">=": sql`>=`,
  "=": sql`=`,
  "!=": sql`<>`,
  "<": sql`<`,
  "<=": sql`<=`,
} satisfies Record<NumberOperator, SQL>;

/**
 * The test of a comparison on a value at hand: text for texts and lists, a number for numbers. null where
 * the value is null, so guard nullable ones.
 */
export function testSql(value: SQL, comparison: Comparison): SQL {
  switch (comparison.kind) {
    case "null":
      return comparison.operator === "IS NULL" ? sql`${value} is null` : sql`${value} is not null`;
    case "number":
      return sql`${value} ${COMPARE[comparison.operator]} ${comparison.value}::float8`;
    case "list":
      return comparison.operator === "IN"
        ? sql`${value} = any(${sql.param(comparison.values)}::text[])`
        : sql`${value} <> all(${sql.param(comparison.values)}::text[])`;
    case "text":
      return textSql(value, comparison);
  }
}

function textSql(value: SQL, comparison: Comparison & { kind: "text" }): SQL {
  switch (comparison.operator) {
    case "=":
      return sql`${value} = ${comparison.value}`;
    case "!=":
      return sql`${value} <> ${comparison.value}`;
    // No escape character: a trailing backslash would be an error of the pattern.
    case "LIKE":
      return sql`${value} like ${comparison.value} escape ''`;
    case "ILIKE":
      return sql`${value} ilike ${comparison.value} escape ''`;
  }
}
