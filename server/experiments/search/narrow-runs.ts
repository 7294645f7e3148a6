import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { runs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { Comparison, Filter } from "../filter";
import { type GoalOf, rowTest } from "./run-fields";

/** So few runs are better read one by one than met while walking along the sort. */
const FEW = 1000;

/**
 * Looks whether one of a filter's AND-ed comparisons is met by few runs of the workspace, and names them.
 * The planner cannot know: it has one histogram for the values of all metrics. "nothing" when none meets it.
 */
export async function narrowByFilter(
  tx: Transaction,
  ctx: Context,
  scope: { filter: Filter | null; goalOf: GoalOf },
): Promise<SQL | "nothing" | undefined> {
  for (const term of andTerms(scope.filter)) {
    if (!isIndexed(term)) continue;
    const row = rowTest(term, scope.goalOf);
    if (!row) continue;
    const { rows } = await tx.execute<{ id: string }>(sql`
      select m.run_id as id from ${row.table} m
      where m.workspace_id = ${ctx.workspaceId} and ${row.test} limit ${FEW + 1}`);
    if (rows.length === 0) return "nothing";
    if (rows.length <= FEW) {
      return sql`${runs.id} = any(${sql.param(rows.map(({ id }) => id))}::uuid[])`;
    }
  }
  return undefined;
}

function andTerms(filter: Filter | null): Comparison[] {
  const terms = filter?.kind === "and" ? filter.terms : filter ? [filter] : [];
  return terms.filter(
    (term): term is Comparison => term.kind !== "and" && term.kind !== "or" && term.kind !== "not",
  );
}

/** Comparisons an index answers by reading what meets them and nothing else. */
function isIndexed({ field, operator }: Comparison): boolean {
  if (field.entity === "metric") {
    return field.aggregate === "last" && [">", ">=", "=", "<", "<="].includes(operator);
  }
  return (field.entity === "parameter" || field.entity === "tag") && ["=", "IN"].includes(operator);
}
