import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { Output } from "../analysis/compare-outputs";
import { addCounts, type Counts, type Facts, NO_COUNTS } from "../analysis/facts";
import type { RollOutRow } from "./internal";

/** Length of a stratum, seconds. */
const SLOT_SECONDS = 10;
/** Logs are written this long after the reply at most, milliseconds; younger slots still grow. */
const SETTLED_MS = 1_500;
/** How far back the stable variant's own past reaches, milliseconds. */
const PAST_MS = 6 * 3_600_000;
const OUTPUTS_MAX = 2_000;

interface SlotRow extends Record<string, unknown> {
  slot: number;
  is_candidate: boolean;
  requests: number;
  errors: number;
  timed: number;
  slow: number;
}

/** What is known of a roll-out that has traffic, read from the prediction log. */
export async function loadFacts(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  rollOut: RollOutRow,
  look: number,
): Promise<Facts> {
  const startedAt = rollOut.startedAt ?? ctx.now();
  const until = new Date(lastSettledSlot(ctx.now()));
  const rows = await slotsOf(tx, ctx, rollOut, startedAt, until);
  const slots = new Map<number, { stable: Counts; candidate: Counts }>();
  for (const row of rows) {
    const slot = slots.get(row.slot) ?? { stable: NO_COUNTS, candidate: NO_COUNTS };
    slot[row.is_candidate ? "candidate" : "stable"] = row;
    slots.set(row.slot, slot);
  }
  const stepFrom = (rollOut.stepStartedAt ?? startedAt).getTime() / 1000 - SLOT_SECONDS;
  const inStep = [...slots].filter(([slot]) => slot > stepFrom).map(([, counts]) => counts);
  const isAlone = rollOut.plan.steps[rollOut.step]?.weight === 100;
  return {
    strata: [...slots.values()],
    before: isAlone ? await countsBefore(tx, ctx, rollOut, startedAt) : null,
    inStep: {
      stable: addCounts(inStep.map((one) => one.stable)).requests,
      candidate: addCounts(inStep.map((one) => one.candidate)).requests,
    },
    slowAboveMs: rollOut.slowAboveUs === null ? null : rollOut.slowAboveUs / 1000,
    outputs: {
      stable: await outputsOf(tx, ctx, rollOut, stableIds(rollOut)),
      candidate: await outputsOf(tx, ctx, rollOut, [rollOut.candidateId]),
    },
    look,
  };
}

/** Start of the newest slot that may still grow, milliseconds. */
const lastSettledSlot = (now: Date): number => {
  const slotMs = SLOT_SECONDS * 1000;
  return Math.floor((now.getTime() - SETTLED_MS) / slotMs) * slotMs;
};

const stableIds = (rollOut: RollOutRow): string[] => rollOut.baseline.map((one) => one.variantId);

async function slotsOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  rollOut: RollOutRow,
  from: Date,
  until: Date,
): Promise<SlotRow[]> {
  const { slowAboveUs, slowSince, deploymentId, candidateId } = rollOut;
  const since = slowSince?.toISOString() ?? null;
  const ids = sql.param([candidateId, ...stableIds(rollOut)]);
  const { rows } = await tx.execute<SlotRow>(sql`
    select extract(epoch from date_bin(make_interval(secs => ${SLOT_SECONDS}), at, to_timestamp(0)))::int as slot,
      variant_id = ${candidateId}::uuid as is_candidate, count(*)::int as requests,
      count(*) filter (where status >= 500)::int as errors,
      count(*) filter (where status < 500 and at >= ${since}::timestamptz)::int as timed,
      count(*) filter (where status < 500 and at >= ${since}::timestamptz and latency_us > ${slowAboveUs}::int)::int as slow
    from prediction_logs
    where workspace_id = ${ctx.workspaceId} and deployment_id = ${deploymentId}
      and at >= ${from.toISOString()}::timestamptz and at < ${until.toISOString()}::timestamptz
      and variant_id = any(${ids}::uuid[])
    group by 1, 2 order by 1`);
  return rows;
}

async function countsBefore(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  rollOut: RollOutRow,
  startedAt: Date,
): Promise<Counts> {
  const from = new Date(startedAt.getTime() - PAST_MS);
  const timed = { ...rollOut, slowSince: from };
  return addCounts(await slotsOf(tx, ctx, timed, from, startedAt));
}

async function outputsOf(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  rollOut: RollOutRow,
  variantIds: string[],
): Promise<Output[]> {
  const from = rollOut.startedAt?.toISOString() ?? null;
  const { rows } = await tx.execute<{ output: unknown }>(sql`
    select outputs->'predictions'->0 as output from prediction_logs
    where workspace_id = ${ctx.workspaceId} and deployment_id = ${rollOut.deploymentId}
      and at >= ${from}::timestamptz and variant_id = any(${sql.param(variantIds)}::uuid[])
      and jsonb_typeof(outputs->'predictions'->0) in ('string', 'number', 'boolean')
    order by at desc limit ${OUTPUTS_MAX}`);
  return rows.map(({ output }) => (typeof output === "number" ? output : String(output)));
}

/** Answers fewer than this say nothing of a p99. */
const TIMED_MIN = 200;
const TIMED_MAX = 20_000;

/** The p99 the stable variant had, microseconds, from its newest answers; null while there are few. */
export async function stableP99(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  rollOut: RollOutRow,
): Promise<{ slowAboveUs: number; slowSince: Date } | null> {
  const from = new Date((rollOut.startedAt ?? ctx.now()).getTime() - PAST_MS);
  const p99 = async (until: Date) => {
    const { rows } = await tx.execute<{ count: number; p99: number | null }>(sql`
      select count(*)::int as count, percentile_disc(0.99) within group (order by latency_us) as p99
      from (select latency_us from prediction_logs
        where workspace_id = ${ctx.workspaceId} and deployment_id = ${rollOut.deploymentId}
          and at >= ${from.toISOString()}::timestamptz and at < ${until.toISOString()}::timestamptz
          and status < 500 and variant_id = any(${sql.param(stableIds(rollOut))}::uuid[])
        order by at desc limit ${TIMED_MAX}) as newest`);
    const [row] = rows;
    return row && row.count >= TIMED_MIN ? row.p99 : null;
  };
  // Its past is a threshold nothing of this roll-out has touched; else what came until now is.
  for (const slowSince of [rollOut.startedAt ?? ctx.now(), ctx.now()]) {
    const slowAboveUs = await p99(slowSince);
    if (slowAboveUs !== null) return { slowAboveUs, slowSince };
  }
  return null;
}
