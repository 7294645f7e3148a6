import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { Quality } from "./schemas";

interface Row extends Record<string, unknown> {
  variant_id: string;
  is_class: boolean;
  outcomes: number;
  matches: number;
  absolute: number | null;
  squared: number | null;
}

/**
 * What was predicted beside what came of it, by variant id, for requests made from `fromMs` until
 * before `untilMs`. Only requests whose log row was kept with its payload can be compared.
 */
export async function readQuality(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  query: { deploymentId: string; fromMs: number; untilMs: number },
): Promise<Map<string, Quality>> {
  const { rows } = await tx.execute<Row>(sql`
    select l.variant_id, mv.task = 'classification' as is_class, count(*)::int as outcomes,
      count(*) filter (where p.truth #>> '{}' = p.predicted #>> '{}')::int as matches,
      avg(abs(e.error)) as absolute, avg(e.error ^ 2) as squared
    from prediction_outcomes o
    join prediction_logs l on l.workspace_id = o.workspace_id and l.request_id = o.request_id
      and l.at >= o.requested_at - interval '1 minute' and l.at < o.requested_at + interval '15 minutes'
    join model_versions mv on mv.workspace_id = l.workspace_id and mv.id = l.version_id
    cross join lateral rows from (jsonb_array_elements(o.outcome), jsonb_array_elements(l.outputs -> 'predictions'))
      as p (truth, predicted)
    cross join lateral (select case when jsonb_typeof(p.truth) = 'number' and jsonb_typeof(p.predicted) = 'number'
      then p.truth::float8 - p.predicted::float8 end as error) as e
    where o.workspace_id = ${ctx.workspaceId}
      and o.requested_at >= ${new Date(query.fromMs).toISOString()}::timestamptz
      and o.requested_at < ${new Date(query.untilMs).toISOString()}::timestamptz
      and l.deployment_id = ${query.deploymentId} and l.variant_id is not null
      and jsonb_typeof(l.outputs -> 'predictions') = 'array'
      and jsonb_array_length(l.outputs -> 'predictions') = jsonb_array_length(o.outcome)
      and jsonb_typeof(p.truth) <> 'null'
    group by 1, 2`);
  return new Map(rows.map((row) => [row.variant_id, toQuality(row)]));
}

const toQuality = (row: Row): Quality => ({
  outcomes: row.outcomes,
  accuracy: row.is_class ? row.matches / row.outcomes : null,
  mae: row.is_class ? null : row.absolute,
  rmse: row.is_class || row.squared === null ? null : Math.sqrt(row.squared),
});
