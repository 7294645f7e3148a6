import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { Comparison, Filter } from "../filter";
import { type GoalOf, rowTest } from "./run-fields";

/** So few runs are better read one by one than met while walking along the sort. */
const FEW = 1000;
/** So many ids are gathered faster than each run on the way is looked up. */
const MANY = 25_000;

/** A condition on the id of a run, wherever the query has it. */
export type IdCondition = (runId: SQL) => SQL;

/**
 * Looks by index how many runs of the workspace meet each of a filter's AND-ed comparisons, and turns the
 * rarest into a condition on ids. The planner cannot know: it has one histogram for the values of all
 * metrics. "nothing" when a comparison is met by none.
 */
export async function narrowByFilter(
  tx: Transaction,
  ctx: Context,
  scope: { filter: Filter | null; goalOf: GoalOf },
): Promise<IdCondition | "nothing" | undefined> {
  let rarest: { count: number; matches: SQL } | undefined;
  for (const term of andTerms(scope.filter)) {
    const row = isIndexed(term) ? rowTest(term, scope.goalOf) : null;
    if (!row) continue;
    const matches = sql`select m.run_id from ${row.table} m where m.workspace_id = ${ctx.workspaceId} and ${row.test}`;
    const { rows } = await tx.execute<{ count: number }>(
      sql`select count(*)::int as count from (${matches} limit ${(rarest?.count ?? MANY) + 1}) met`,
    );
    const count = rows[0]?.count ?? 0;
    if (count === 0) return "nothing";
    if (count <= (rarest?.count ?? MANY)) rarest = { count, matches };
    if (count <= FEW) break;
  }
  if (!rarest) return undefined;
  const { count, matches } = rarest;
  // "is true" keeps the planner from turning the set into a join, whose order it would guess wrong.
  if (count > FEW) return (runId) => sql`(${runId} in (${matches})) is true`;
  const { rows } = await tx.execute<{ run_id: string }>(matches);
  const ids = rows.map((row) => row.run_id);
  return (runId) => sql`${runId} = any(${sql.param(ids)}::uuid[])`;
}

function andTerms(filter: Filter | null): Comparison[] {
  const terms = filter?.kind === "and" ? filter.terms : filter ? [filter] : [];
  return terms.filter(
    (term): term is Comparison => term.kind !== "and" && term.kind !== "or" && term.kind !== "not",
  );
}

/** Comparisons an index answers without the table. */
function isIndexed({ field, operator }: Comparison): boolean {
  if (field.entity === "metric") return [">", ">=", "=", "<", "<="].includes(operator);
  return (field.entity === "parameter" || field.entity === "tag") && ["=", "IN"].includes(operator);
}
