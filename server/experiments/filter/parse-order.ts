import { openTokens } from "./cursor";
import type { FilterLanguage } from "./language";
import { parseField } from "./parse-field";
import { printField } from "./print-filter";
import { FilterError, type Order } from "./syntax";

/**
 * Reads the clauses of a sort, such as `metrics.loss DESC` or `min(metrics.loss)`. Throws FilterError
 * for what cannot be sorted by and for a field named twice.
 */
export function parseOrders(clauses: readonly string[], language: FilterLanguage): Order[] {
  const orders = clauses.map((clause) => parseOrder(clause, language));
  const names = orders.map(({ field }) => printField(field));
  if (new Set(names).size < names.length) {
    const list = clauses.map((clause) => `'${clause}'`).join(", ");
    throw new FilterError(`\`order_by\` contains duplicate fields: [${list}]`, 0);
  }
  return orders;
}

function parseOrder(clause: string, language: FilterLanguage): Order {
  const tokens = openTokens(clause);
  if (tokens.peek().kind === "end") {
    throw new FilterError(`Invalid order_by clause '${clause}'. Could not be parsed.`, 0);
  }
  const field = parseField(tokens, language, language.orderAttributes);
  if (field.entity !== "attribute" && !language.orderEntities.includes(field.entity)) {
    throw new FilterError(`Invalid order_by entity: ${field.entity}`, 0);
  }
  const descending = tokens.takeWord("DESC");
  if (!descending) tokens.takeWord("ASC");
  const rest = tokens.peek();
  if (rest.kind === "end") return { field, ascending: !descending };
  throw new FilterError(
    rest.kind === "word"
      ? `Invalid ordering key in order_by clause '${clause}'.`
      : `Invalid order_by clause '${clause}'. Could not be parsed.`,
    rest.start,
  );
}
