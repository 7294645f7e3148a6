import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { LabelFacts, Outcome } from "../analysis/facts";
import { classifiersAmong } from "../metrics/read-quality";
import type { RollOutRow } from "./internal";

/** Outcomes that are judged at most; those told first. */
const OUTCOMES_MAX = 20_000;
/** How far back requests of the stable variant count where it answers no more, milliseconds. */
const PAST_MS = 6 * 3_600_000;
/** Outcomes are judged by tens of seconds, and only those that are over. */
const SLOT_MS = 10_000;
const SETTLED_MS = 3_000;

interface Row extends Record<string, unknown> {
  told_ms: number;
  is_candidate: boolean;
  is_before: boolean;
  is_wrong: boolean;
  error: number | null;
}

/**
 * What came of the predictions of both sides: of each request its first row, whose outcomes are
 * independent. `isAlone` where the stable variant answers nobody while the candidate is watched.
 */
export async function loadLabelFacts(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  rollOut: RollOutRow,
  isAlone: boolean,
): Promise<LabelFacts> {
  const classifiers = await classifiersAmong(tx, ctx, [rollOut]);
  const isClass = classifiers.has(rollOut.versionId);
  const rows = await readOutcomes(tx, ctx, rollOut, isAlone);
  const known = rows.flatMap((row) => {
    const error = isClass ? Number(row.is_wrong) : row.error;
    const outcome = { toldMs: Number(row.told_ms), isCandidate: row.is_candidate };
    return error === null ? [] : [{ ...outcome, error, isBefore: row.is_before }];
  });
  const stable = (one: Outcome) => !one.isCandidate;
  return {
    isClass,
    outcomes: known.filter((one) => !one.isBefore && !(isAlone && stable(one))),
    before: isAlone ? known.filter(stable) : null,
  };
}

async function readOutcomes(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  rollOut: RollOutRow,
  isAlone: boolean,
): Promise<Row[]> {
  const nowMs = ctx.now().getTime();
  const startedAt = rollOut.startedAt ?? ctx.now();
  const from = new Date(startedAt.getTime() - (isAlone ? PAST_MS : 0)).toISOString();
  const until = new Date(Math.floor((nowMs - SETTLED_MS) / SLOT_MS) * SLOT_MS).toISOString();
  const ids = [rollOut.candidateId, ...rollOut.baseline.map((one) => one.variantId)];
  const { rows } = await tx.execute<Row>(sql`
    select extract(epoch from o.created_at)::float8 * 1000 as told_ms, l.variant_id = ${rollOut.candidateId}::uuid as is_candidate,
      l.at < ${startedAt.toISOString()}::timestamptz as is_before,
      p.truth #>> '{}' is distinct from p.predicted #>> '{}' as is_wrong,
      case when jsonb_typeof(p.truth) = 'number' and jsonb_typeof(p.predicted) = 'number'
        then abs(p.truth::float8 - p.predicted::float8) end as error
    from prediction_outcomes o
    join prediction_logs l on l.workspace_id = o.workspace_id and l.request_id = o.request_id
      and l.at >= o.requested_at - interval '1 minute' and l.at < o.requested_at + interval '15 minutes'
    cross join lateral (select o.outcome -> 0 as truth, l.outputs::jsonb -> 'predictions' -> 0 as predicted) as p
    where o.workspace_id = ${ctx.workspaceId} and o.requested_at >= ${from}::timestamptz
      and o.created_at < ${until}::timestamptz and l.at >= ${from}::timestamptz
      and l.deployment_id = ${rollOut.deploymentId} and l.variant_id = any(${sql.param(ids)}::uuid[])
      and not l.is_pinned and jsonb_typeof(p.truth) <> 'null' and p.predicted is not null
    order by o.created_at, o.request_id limit ${OUTCOMES_MAX}`);
  return rows;
}
