import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { runs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { Comparison, Filter } from "../filter";
import { type GoalOf, rowTest } from "./run-fields";

/** So few runs are better read one by one than met while walking along the sort. */
const FEW = 1000;
/** So many ids are gathered faster than each run on the way is looked up. */
export const MANY = 75_000;
/** Of a comparison met by more runs than this, a page is found on the way as a rule. */
export const COMMON = 15_000;

/** A comparison met by so many times fewer runs is worth more than what counting further costs. */
const RARER = 4;

/** A filter of which one comparison may have become a condition on the ids of runs. */
interface Narrowed {
  /** What is left of the filter. */
  filter: Filter | null;
  /** The condition, wherever the query has the id. */
  byId: (runId: SQL) => SQL;
  /** How many runs meet the condition at most, where they were counted out. */
  idCount?: number;
  /** The ids `run_id` that meet the condition, where a metric decides and the query gathers them. */
  gathered?: SQL | undefined;
  /** Comparisons an index answers are there, but each is met by more runs than were asked for. */
  isCommon?: boolean;
}

/**
 * Looks by index how many runs of the workspace meet each of a filter's AND-ed comparisons, and turns the
 * rarest into a condition on ids. The planner cannot know: it has one histogram for the values of all
 * metrics. Comparisons met by more than `most` runs stay in the filter. null when one is met by none.
 */
export async function narrowByFilter(
  tx: Transaction,
  ctx: Context,
  scope: { filter: Filter | null; goalOf: GoalOf },
  most = MANY,
): Promise<Narrowed | null> {
  const terms = andTerms(scope.filter);
  let isCommon = false;
  let rarest: { term: Filter; count: number; matches: SQL } | undefined;
  // Equal texts are the rarest as a rule; a comparison after them is counted no further than they go.
  for (const term of terms.toSorted((a, b) => Number(isEquality(b)) - Number(isEquality(a)))) {
    const row = isIndexed(term) ? rowTest(term, scope.goalOf) : null;
    if (!row) continue;
    const matches = sql`select m.run_id from ${row.table} m where m.workspace_id = ${ctx.workspaceId} and ${row.test}`;
    const limit = rarest ? Math.ceil(rarest.count / RARER) : most;
    const { rows } = await tx.execute<{ count: number }>(
      sql`select count(*)::int as count from (${matches} limit ${limit + 1}) met`,
    );
    const count = rows[0]?.count ?? 0;
    if (count === 0) return null;
    if (count <= limit) rarest = { term, count, matches };
    else isCommon = true;
    if (count <= FEW) break;
  }
  if (!rarest) return { filter: scope.filter, byId: () => sql`true`, isCommon };
  const { term, count, matches } = rarest;
  const rest = terms.filter((one) => one !== term);
  const filter: Filter | null = rest.length > 1 ? { kind: "and", terms: rest } : (rest[0] ?? null);
  // "is true" keeps the planner from turning the set into a join, whose order it would guess wrong.
  if (count > FEW) {
    const gathered = term.kind === "number" ? matches : undefined;
    return { filter, byId: (runId) => sql`(${runId} in (${matches})) is true`, gathered };
  }
  const { rows } = await tx.execute<{ run_id: string }>(matches);
  const ids = rows.map((row) => row.run_id);
  // By the key of runs alone: beside the sort's own index the planner would walk along that.
  return {
    filter,
    byId: () => sql`${runs.id} = any(${sql.param(ids)}::uuid[])`,
    idCount: ids.length,
  };
}

const andTerms = (filter: Filter | null): Filter[] =>
  filter?.kind === "and" ? filter.terms : filter ? [filter] : [];

const isEquality = (term: Filter): boolean => term.kind === "text" && term.operator === "=";

/** Comparisons an index answers without the table. */
function isIndexed(term: Filter): term is Comparison {
  if (term.kind === "and" || term.kind === "or" || term.kind === "not") return false;
  const { field, operator } = term;
  if (field.entity === "metric") return [">", ">=", "=", "<", "<="].includes(operator);
  return (field.entity === "parameter" || field.entity === "tag") && ["=", "IN"].includes(operator);
}
