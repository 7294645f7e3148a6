import { and, eq, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { experiments, runs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { exactInt } from "@/server/kernel/exact-int";
import { type RunData, toRunDto } from "./internal";
import { toMetricDto } from "./metric-points";
import type { Entry, RunDto } from "./schemas";

type MetricTuple = [key: string, value: number, isNan: boolean, step: string, timestamp: string];

const NOTHING: RunData = { params: [], tags: [], metrics: [] };

/** Parameters, tags and newest metrics of many runs in one statement. */
export async function loadRunData(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  runIds: string[],
): Promise<(runId: string) => RunData> {
  if (runIds.length === 0) return () => NOTHING;
  const ws = ctx.workspaceId;
  const { rows } = await tx.execute<{
    id: string;
    params: Entry[];
    tags: Entry[];
    metrics: MetricTuple[];
  }>(sql`
    select r.id,
      (select coalesce(json_agg(json_build_object('key', p.key, 'value', p.value) order by p.key), '[]')
        from run_params p where p.workspace_id = ${ws} and p.run_id = r.id) as params,
      (select coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key), '[]')
        from run_tags t where t.workspace_id = ${ws} and t.run_id = r.id) as tags,
      (select coalesce(json_agg(json_build_array(m.key, m.value, m.is_nan, m.step::text, m.timestamp::text) order by m.key), '[]')
        from run_latest_metrics m where m.workspace_id = ${ws} and m.run_id = r.id) as metrics
    from unnest(${sql.param(runIds)}::uuid[]) as r(id)`);
  const byId = new Map(
    rows.map((row): [string, RunData] => [
      row.id,
      { params: row.params, tags: row.tags, metrics: row.metrics.map(toMetric) },
    ]),
  );
  return (runId) => byId.get(runId) ?? NOTHING;
}

const toMetric = ([key, value, isNan, step, timestamp]: MetricTuple) =>
  toMetricDto({
    key,
    value,
    isNan,
    step: exactInt(step) ?? 0,
    timestamp: exactInt(timestamp) ?? 0,
  });

/** One run with what it logged. Throws not_found. */
export async function readRun(tx: Transaction, ctx: Context, runId: string): Promise<RunDto> {
  const [row] = await tx
    .select({ run: runs, experiment: { number: experiments.number, name: experiments.name } })
    .from(runs)
    .innerJoin(
      experiments,
      and(eq(experiments.workspaceId, runs.workspaceId), eq(experiments.id, runs.experimentId)),
    )
    .where(and(eq(runs.workspaceId, ctx.workspaceId), eq(runs.id, runId)));
  if (!row) throw notFound("The run");
  const data = await loadRunData(tx, ctx, [runId]);
  return toRunDto(row.run, row.experiment, data(runId));
}
