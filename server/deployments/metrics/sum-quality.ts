import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";

/** Sums over pairs of a prediction and what came of it, of one version in a slot of time. */
export interface QualitySum {
  variantId: string;
  versionId: string;
  /** Which slot since the epoch. */
  slot: number;
  outcomes: number;
  matches: number;
  /** Pairs of numbers, and their errors. */
  errors: number;
  absolute: number;
  squared: number;
}

interface Query {
  deploymentId: string;
  fromMs: number;
  /** Excluded. */
  untilMs: number;
  slotMs: number;
}

interface Row extends Record<string, unknown> {
  variant_id: string;
  version_id: string;
  slot: string;
  outcomes: number;
  matches: number;
  errors: number;
  absolute: number | null;
  squared: number | null;
}

/**
 * What was predicted beside what came of it, for requests made in a time. Only requests whose log row
 * was kept in the database with its payload can be compared.
 */
export async function sumQuality(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  query: Query,
): Promise<QualitySum[]> {
  const { rows } = await tx.execute<Row>(sql`
    select l.variant_id, l.version_id, floor(extract(epoch from l.at) * 1000 / ${query.slotMs}::float8)::bigint as slot,
      count(*)::int as outcomes,
      count(*) filter (where p.truth #>> '{}' = p.predicted #>> '{}')::int as matches,
      count(e.error)::int as errors, sum(abs(e.error)) as absolute, sum(e.error ^ 2) as squared
    from prediction_outcomes o
    join prediction_logs l on l.workspace_id = o.workspace_id and l.request_id = o.request_id
      and l.at >= o.requested_at - interval '1 minute' and l.at < o.requested_at + interval '15 minutes'
    cross join lateral rows from (jsonb_array_elements(o.outcome), jsonb_array_elements(l.outputs::jsonb -> 'predictions'))
      as p (truth, predicted)
    cross join lateral (select case when jsonb_typeof(p.truth) = 'number' and jsonb_typeof(p.predicted) = 'number'
      then p.truth::float8 - p.predicted::float8 end as error) as e
    where o.workspace_id = ${ctx.workspaceId}
      and o.requested_at >= ${new Date(query.fromMs).toISOString()}::timestamptz
      and o.requested_at < ${new Date(query.untilMs).toISOString()}::timestamptz
      and l.deployment_id = ${query.deploymentId} and l.variant_id is not null and l.version_id is not null
      and jsonb_typeof(l.outputs::jsonb -> 'predictions') = 'array'
      and jsonb_array_length(l.outputs::jsonb -> 'predictions') = jsonb_array_length(o.outcome)
      and jsonb_typeof(p.truth) <> 'null'
    group by 1, 2, 3`);
  return rows.map((row) => ({
    variantId: row.variant_id,
    versionId: row.version_id,
    slot: Number(row.slot),
    outcomes: row.outcomes,
    matches: row.matches,
    errors: row.errors,
    absolute: row.absolute ?? 0,
    squared: row.squared ?? 0,
  }));
}
