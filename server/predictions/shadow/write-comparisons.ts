import { sql } from "drizzle-orm";
import { type Database, withWorkspace } from "@/db/client";
import { newId } from "@/server/kernel/ids";
import type { Tally } from "./comparison-book";

/** Examples kept of one shadow, the worst of all its time. */
const EXAMPLES_KEPT = 20;
/** Minutes older than this are dropped. */
const KEPT_DAYS = 30;

/** Adds a tally to its minute and keeps the worst examples. Does nothing for a deployment that is gone. */
export async function writeComparison(db: Database, tally: Tally): Promise<void> {
  const { workspaceId, deploymentId, variantId } = tally;
  const at = new Date(tally.atMs).toISOString();
  await withWorkspace({ db, workspaceId }, async (tx) => {
    await tx.execute(sql`
      insert into shadow_comparisons as t (workspace_id, deployment_id, variant_id, at, requests, rows, equal, flips,
        errors, dropped, difference_max, difference_sum, latency_us_sum, shadow_latency_us_sum)
      select ${workspaceId}::uuid, d.id, ${variantId}::uuid, ${at}::timestamptz, ${tally.requests}::bigint,
        ${tally.rows}::bigint, ${tally.equal}::bigint, ${tally.flips}::bigint, ${tally.errors}::bigint,
        ${tally.dropped}::bigint, ${tally.differenceMax}::float8, ${tally.differenceSum}::float8,
        ${tally.latencyUs}::bigint, ${tally.shadowLatencyUs}::bigint
      from deployments d where d.workspace_id = ${workspaceId}::uuid and d.id = ${deploymentId}::uuid
      on conflict (workspace_id, deployment_id, variant_id, at) do update set
        requests = t.requests + excluded.requests, rows = t.rows + excluded.rows, equal = t.equal + excluded.equal,
        flips = t.flips + excluded.flips, errors = t.errors + excluded.errors, dropped = t.dropped + excluded.dropped,
        difference_max = greatest(t.difference_max, excluded.difference_max),
        difference_sum = t.difference_sum + excluded.difference_sum,
        latency_us_sum = t.latency_us_sum + excluded.latency_us_sum,
        shadow_latency_us_sum = t.shadow_latency_us_sum + excluded.shadow_latency_us_sum`);
    const of = sql`workspace_id = ${workspaceId}::uuid and deployment_id = ${deploymentId}::uuid
      and variant_id = ${variantId}::uuid`;
    await tx.execute(
      sql`delete from shadow_comparisons where ${of} and at < now() - make_interval(days => ${KEPT_DAYS})`,
    );
    if (tally.examples.length === 0) return;
    const json = JSON.stringify(
      tally.examples.map(({ atMs, ...example }) => ({
        ...example,
        id: newId(atMs),
        at: new Date(atMs).toISOString(),
      })),
    );
    await tx.execute(sql`
      insert into shadow_examples (workspace_id, deployment_id, variant_id, id, at, flips, difference, inputs, sent, shadow)
      select ${workspaceId}::uuid, d.id, ${variantId}::uuid, r.* from deployments d,
        json_to_recordset(${json}::json) as r (id uuid, at timestamptz, flips int, difference float8, inputs jsonb,
          sent jsonb, shadow jsonb)
      where d.workspace_id = ${workspaceId}::uuid and d.id = ${deploymentId}::uuid`);
    await tx.execute(sql`
      delete from shadow_examples where ${of} and id not in (
        select id from shadow_examples where ${of}
        order by flips desc, difference desc, id desc limit ${EXAMPLES_KEPT})`);
  });
}
