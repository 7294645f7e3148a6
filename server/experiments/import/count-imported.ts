import { type SQL, sql } from "drizzle-orm";
import { withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { ImportedExperiment } from "./import-experiment";

/** What is stored here of some experiments. */
export interface StoredCounts {
  runs: number;
  params: number;
  metrics: number;
  points: number;
  files: number;
  loggedModels: number;
}

/** Counts what imported experiments hold, deleted runs too, to be compared with the other server's. */
export async function countImported(
  ctx: Context,
  experiments: readonly Pick<ImportedExperiment, "id">[],
): Promise<StoredCounts> {
  requirePermission(ctx, "experiments:read");
  const ids = sql`${sql.param(experiments.map(({ id }) => id))}::uuid[]`;
  const ws = ctx.workspaceId;
  const of = (table: SQL, what = sql`count(*)`) => sql<number>`(
    select coalesce(${what}, 0)::float8 from ${table} d
    join runs r on r.workspace_id = d.workspace_id and r.id = d.run_id
    where r.workspace_id = ${ws} and r.experiment_id = any(${ids}))`;
  const own = sql`workspace_id = ${ws} and experiment_id = any(${ids})`;
  return withWorkspace(ctx, async (tx) => {
    const [row] = await tx
      .select({
        runs: sql<number>`(select count(*)::float8 from runs where ${own})`,
        params: of(sql`run_params`),
        metrics: of(sql`run_latest_metrics`),
        points: of(sql`run_latest_metrics`, sql`sum(d.points)`),
        files: of(sql`run_artifacts`),
        loggedModels: sql<number>`(select count(*)::float8 from logged_models where ${own})`,
      })
      .from(sql`(select 1) as one`);
    if (!row) throw new Error("a count returned no row");
    return row;
  });
}
