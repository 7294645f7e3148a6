import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { Output } from "../analysis/compare-outputs";
import { addCounts, type Counts, type Facts, NO_COUNTS } from "../analysis/facts";
import { latencyBucket, latencyBucketUs, latencyQuantileMs } from "../metrics/latency-histogram";
import type { RollOutRow } from "./internal";
import { loadLabelFacts } from "./load-label-facts";

type Reader = Pick<Context, "workspaceId" | "now">;

/** Counts are written this long after the reply at most, milliseconds; younger slots still grow. */
const SETTLED_MS = 3_000;
/** How far back the stable variant's own past reaches, milliseconds. */
const PAST_MS = 6 * 3_600_000;
const OUTPUTS_MAX = 2_000;

/** Strata of a long roll-out are longer: short slots are not kept for ever. */
export function slotSeconds(ageMs: number): 10 | 60 | 3600 {
  if (ageMs < 6 * 3_600_000) return 10;
  return ageMs < 48 * 3_600_000 ? 60 : 3600;
}

/** What is known of a roll-out that has traffic: exact counts, and a sample of its predictions. */
export async function loadFacts(
  tx: Transaction,
  ctx: Reader,
  rollOut: RollOutRow,
  look: number,
): Promise<Facts> {
  const startedAt = rollOut.startedAt ?? ctx.now();
  const seconds = slotSeconds(ctx.now().getTime() - startedAt.getTime());
  const until = new Date(ctx.now().getTime() - SETTLED_MS);
  const slots = await slotsOf(tx, ctx, rollOut, { seconds, from: startedAt, until });
  const stepFrom = (rollOut.stepStartedAt ?? startedAt).getTime();
  const inStep = slots.filter((slot) => slot.atMs >= stepFrom);
  const isAlone = rollOut.plan.steps[rollOut.step]?.weight === 100;
  return {
    strata: slots,
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
    paired: null,
    labels: rollOut.plan.analysis.judgesOutcomes
      ? await loadLabelFacts(tx, ctx, rollOut, isAlone)
      : null,
    look,
  };
}

const stableIds = (rollOut: RollOutRow): string[] => rollOut.baseline.map((one) => one.variantId);

interface Range {
  seconds: 10 | 60 | 3600;
  from: Date;
  until: Date;
}

interface Slot {
  atMs: number;
  stable: Counts;
  candidate: Counts;
}

interface SlotRow extends Counts, Record<string, unknown> {
  at_ms: string;
  is_candidate: boolean;
}

/** Whole slots within a range, oldest first. */
async function slotsOf(
  tx: Transaction,
  ctx: Reader,
  rollOut: RollOutRow,
  { seconds, from, until }: Range,
): Promise<Slot[]> {
  const { slowAboveUs, slowSince, deploymentId, candidateId } = rollOut;
  const bucket = slowAboveUs === null ? null : latencyBucket(slowAboveUs);
  const ids = sql.param([candidateId, ...stableIds(rollOut)]);
  const isTimed = sql`status_class < 5 and at >= ${slowSince?.toISOString() ?? null}::timestamptz`;
  const { rows } = await tx.execute<SlotRow>(sql`
    select (extract(epoch from at) * 1000)::bigint as at_ms, variant_id = ${candidateId}::uuid as is_candidate,
      sum(requests)::int as requests, coalesce(sum(requests) filter (where status_class = 5), 0)::int as errors,
      coalesce(sum(requests) filter (where ${isTimed}), 0)::int as timed,
      coalesce(sum(slow) filter (where ${isTimed}), 0)::int as slow
    from prediction_counts, lateral (
      select coalesce(sum(n), 0) as slow from unnest(latency_buckets, latency_counts) as b (bucket, n)
      where b.bucket > ${bucket}::int) as over
    where workspace_id = ${ctx.workspaceId} and deployment_id = ${deploymentId} and seconds = ${seconds}
      and at >= ${from.toISOString()}::timestamptz
      and at <= ${until.toISOString()}::timestamptz - make_interval(secs => ${seconds})
      and variant_id = any(${ids}::uuid[]) and not is_pinned
    group by at, variant_id order by at`);
  const slots = new Map<number, Slot>();
  for (const row of rows) {
    const atMs = Number(row.at_ms);
    const slot = slots.get(atMs) ?? { atMs, stable: NO_COUNTS, candidate: NO_COUNTS };
    if (row.is_candidate) slot.candidate = row;
    // Several variants may have been stable before: they are one side.
    else slot.stable = addCounts([slot.stable, row]);
    slots.set(atMs, slot);
  }
  return [...slots.values()];
}

/** What the stable variants were asked and how they answered within a range. */
export async function stableCounts(
  tx: Transaction,
  ctx: Reader,
  rollOut: RollOutRow,
  range: Range,
): Promise<Counts> {
  return addCounts((await slotsOf(tx, ctx, rollOut, range)).map((slot) => slot.stable));
}

async function countsBefore(
  tx: Transaction,
  ctx: Reader,
  rollOut: RollOutRow,
  startedAt: Date,
): Promise<Counts> {
  const from = new Date(startedAt.getTime() - PAST_MS);
  const past = { ...rollOut, slowSince: from };
  const slots = await slotsOf(tx, ctx, past, { seconds: 10, from, until: startedAt });
  return addCounts(slots.map((slot) => slot.stable));
}

async function outputsOf(
  tx: Transaction,
  ctx: Reader,
  rollOut: RollOutRow,
  variantIds: string[],
): Promise<Output[]> {
  const from = rollOut.startedAt?.toISOString() ?? null;
  const { rows } = await tx.execute<{ output: unknown }>(sql`
    select outputs->'predictions'->0 as output from prediction_logs
    where workspace_id = ${ctx.workspaceId} and deployment_id = ${rollOut.deploymentId}
      and at >= ${from}::timestamptz and variant_id = any(${sql.param(variantIds)}::uuid[])
      and not is_pinned and json_typeof(outputs->'predictions'->0) in ('string', 'number', 'boolean')
    order by at desc limit ${OUTPUTS_MAX}`);
  return rows.map(({ output }) => (typeof output === "number" ? output : String(output)));
}

/** Fewer answers than this say nothing of a p99. */
const TIMED_MIN = 200;

/**
 * From what latency on a request is slow: the end of the bucket the stable variant's p99 lies in,
 * microseconds. Its past before the roll-out says so, which nothing of this roll-out has touched;
 * else what came until now does. Null while there are few answers.
 */
export async function stableP99(
  tx: Transaction,
  ctx: Reader,
  rollOut: RollOutRow,
): Promise<{ slowAboveUs: number; slowSince: Date } | null> {
  const startedAt = rollOut.startedAt ?? ctx.now();
  const from = new Date(startedAt.getTime() - PAST_MS);
  for (const slowSince of [startedAt, ctx.now()]) {
    const { rows } = await tx.execute<{ bucket: number; count: number }>(sql`
      select b.bucket::int as bucket, sum(b.n)::int as count
      from prediction_counts, unnest(latency_buckets, latency_counts) as b (bucket, n)
      where workspace_id = ${ctx.workspaceId} and deployment_id = ${rollOut.deploymentId} and seconds = 10
        and at >= ${from.toISOString()}::timestamptz and at < ${slowSince.toISOString()}::timestamptz
        and status_class < 5 and variant_id = any(${sql.param(stableIds(rollOut))}::uuid[]) and not is_pinned
      group by 1`);
    const counts = new Map(rows.map((row) => [row.bucket, row.count]));
    const p99 = latencyQuantileMs(counts, 0.99);
    const answered = rows.reduce((sum, row) => sum + row.count, 0);
    if (p99 === null || answered < TIMED_MIN) continue;
    return { slowAboveUs: Math.floor(latencyBucketUs(latencyBucket(p99 * 1000))), slowSince };
  }
  return null;
}
