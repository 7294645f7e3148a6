import type { SQL } from "drizzle-orm";
import {
  type Comparison,
  type ComparisonSql,
  compileFilter,
  type Filter,
  type FilterLanguage,
  type Order,
  readFilter,
  readOrders,
} from "@/server/experiments";
import { PROMPT_TAG } from "../sources/prompt-tag";

/**
 * A filter as SQL, a sort as fields, and whether the filter names the tag that tells prompts.
 * Throws validation_failed for what cannot be read.
 */
export function readSearch(
  { filter, orderBy }: { filter: string; orderBy: string[] },
  language: FilterLanguage,
  test: ComparisonSql,
): { where: SQL | undefined; orders: Order[]; namesPrompts: boolean } {
  const parsed = readFilter(filter, language);
  return {
    where: parsed ? compileFilter(parsed, test) : undefined,
    orders: readOrders(orderBy, language),
    namesPrompts: parsed ? comparisonsOf(parsed).some(isAboutPrompts) : false,
  };
}

function comparisonsOf(filter: Filter): Comparison[] {
  if (filter.kind === "not") return comparisonsOf(filter.term);
  if (filter.kind === "and" || filter.kind === "or") return filter.terms.flatMap(comparisonsOf);
  return [filter];
}

const isAboutPrompts = ({ field }: Comparison) =>
  field.entity === "tag" && field.key === PROMPT_TAG;
