import { sql } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { getExperimentInWorkspace, refuseRunKey } from "../internal";
import { loadGoals } from "../search/goals";
import { type MetricSummary, metricSummary, SUMMARY_MAX, wholeInput } from "./schemas";

interface Row {
  key: string;
  runs: number;
  min: number | null;
  max: number | null;
  minRun: string;
  maxRun: string;
  [column: string]: unknown;
}

/**
 * Each metric over all runs of an experiment: how many have it, its least and greatest value of all
 * steps, the runs that have them, and which of the two is the best. NaN counts as no value. Throws
 * not_found.
 */
export async function summarizeMetrics(
  ctx: Context,
  input: z.input<typeof wholeInput>,
): Promise<MetricSummary> {
  requirePermission(ctx, "experiments:read");
  refuseRunKey(ctx);
  const { experiment } = wholeInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const { id } = await getExperimentInWorkspace(tx, ctx, experiment);
    const goalOf = await loadGoals(tx, ctx, [id]);
    const { rows } = await tx.execute<Row>(sql`
      select l.key, count(*)::int as runs, min(l.min_value) as min, max(l.max_value) as max,
        (array_agg(l.run_id order by l.min_value asc nulls last, l.run_id))[1] as "minRun",
        (array_agg(l.run_id order by l.max_value desc nulls last, l.run_id))[1] as "maxRun"
      from run_latest_metrics l
      join runs r on r.workspace_id = l.workspace_id and r.id = l.run_id
      where l.workspace_id = ${ctx.workspaceId} and r.experiment_id = ${id} and r.deleted_at is null
      group by l.key order by runs desc, l.key limit ${SUMMARY_MAX}`);
    const items = rows.map((row) => {
      const goal = goalOf(row.key);
      const min = row.min === null ? null : { value: row.min, runId: row.minRun };
      const max = row.max === null ? null : { value: row.max, runId: row.maxRun };
      return {
        key: row.key,
        runs: row.runs,
        goal,
        min,
        max,
        best: goal === "minimize" ? min : max,
      };
    });
    return metricSummary.parse({ items, nextCursor: null });
  });
}
