import canonicalize from "canonicalize";
import type { ComparedRow } from "./schemas";

/**
 * One row for each name any of the records has, in order of first sight; null where a record has
 * none. Values are compared as JSON, so 1 and 1.0 are the same and the order of keys is nothing.
 */
export function compareRows(records: readonly Readonly<Record<string, unknown>>[]): ComparedRow[] {
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  return [...names].map((name) => {
    const values = records.map((record) =>
      Object.hasOwn(record, name) ? (record[name] ?? null) : null,
    );
    const forms = new Set(values.map((value) => canonicalize(value) ?? "null"));
    return { name, values, differs: forms.size > 1 };
  });
}
