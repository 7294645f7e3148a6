import { and, eq, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { experiments, runs } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { notFound } from "@/server/kernel/errors";
import { exactInt } from "@/server/kernel/exact-int";
import { type RunData, toRunDto } from "./internal";
import { toMetricDto } from "./metric-points";
import type { Entry, RunDto } from "./schemas";

const NOTHING: RunData = { params: [], tags: [], metrics: [] };

/** What one run logged, column by column: a third of the work of an object for each entry. */
interface RawData extends Record<string, unknown> {
  id: string;
  params: { keys: string[] | null; values: string[] };
  tags: { keys: string[] | null; values: string[] };
  metrics: {
    keys: string[] | null;
    values: number[];
    nans: string[] | null;
    /** Apart by blanks; JSON would round those beyond 2^53. */
    steps: string;
    times: string;
  };
}

/** Parameters, tags and newest metrics of many runs in one statement. */
export async function loadRunData(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  runIds: string[],
): Promise<(runId: string) => RunData> {
  if (runIds.length === 0) return () => NOTHING;
  const rowsOf = (table: string) => sql`(select * from ${sql.identifier(table)} e
    where e.workspace_id = ${ctx.workspaceId} and e.run_id = r.id order by e.key) e`;
  const entries = sql`json_build_object('keys', json_agg(e.key), 'values', json_agg(e.value))`;
  const { rows } = await tx.execute<RawData>(sql`
    select r.id,
      (select ${entries} from ${rowsOf("run_params")}) as params,
      (select ${entries} from ${rowsOf("run_tags")}) as tags,
      (select json_build_object('keys', json_agg(e.key), 'values', json_agg(e.value),
          'nans', json_agg(e.key) filter (where e.is_nan),
          'steps', string_agg(e.step::text, ' '), 'times', string_agg(e.timestamp::text, ' '))
        from ${rowsOf("run_latest_metrics")}) as metrics
    from unnest(${sql.param(runIds)}::uuid[]) as r(id)`);
  const byId = new Map(
    rows.map((row): [string, RunData] => [
      row.id,
      { params: toEntries(row.params), tags: toEntries(row.tags), metrics: toMetrics(row.metrics) },
    ]),
  );
  return (runId) => byId.get(runId) ?? NOTHING;
}

const toEntries = ({ keys, values }: RawData["params"]): Entry[] =>
  keys?.map((key, at) => ({ key, value: values[at] ?? "" })) ?? [];

function toMetrics({ keys, values, nans, steps, times }: RawData["metrics"]): RunData["metrics"] {
  if (!keys) return [];
  const step = steps.split(" ");
  const time = times.split(" ");
  return keys.map((key, at) =>
    toMetricDto({
      key,
      value: values[at] ?? 0,
      isNan: nans?.includes(key) ?? false,
      step: exactInt(step[at] ?? 0) ?? 0,
      timestamp: exactInt(time[at] ?? 0) ?? 0,
    }),
  );
}

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
