import { and, eq, sql } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { deploymentEvents } from "@/db/schema";
import { requirePermission } from "@/server/access";
import { announceChange } from "@/server/kernel/announce-change";
import type { Context } from "@/server/kernel/context";
import { latencyQuantileMs } from "./metrics/latency-histogram";
import type { EffectDto } from "./schemas";

/** Length of the windows before and after a change. */
export const EFFECT_MINUTES = 5;

/**
 * Writes beside a change of traffic what was measured before and after it. Meant to be called when
 * the second window is over; repeating it writes the same.
 */
export async function measureEffect(
  ctx: Context,
  input: { deploymentId: string; eventId: string },
): Promise<void> {
  requirePermission(ctx, "deployments:write");
  await withWorkspace(ctx, async (tx) => {
    const isEvent = and(
      eq(deploymentEvents.workspaceId, ctx.workspaceId),
      eq(deploymentEvents.id, input.eventId),
    );
    const [event] = await tx
      .select({ at: deploymentEvents.at })
      .from(deploymentEvents)
      .where(isEvent);
    if (!event) return;
    const windowMs = EFFECT_MINUTES * 60_000;
    const at = event.at.getTime();
    const effect: EffectDto = {
      minutes: EFFECT_MINUTES,
      before: await measure(tx, ctx, input.deploymentId, at - windowMs, at),
      after: await measure(tx, ctx, input.deploymentId, at, at + windowMs),
    };
    // not audited: a measurement of what was audited.
    await tx.update(deploymentEvents).set({ effect }).where(isEvent);
    await announceChange(tx, ctx, "deployments", input.deploymentId);
  });
}

async function measure(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  deploymentId: string,
  fromMs: number,
  untilMs: number,
): Promise<EffectDto["before"]> {
  const { rows } = await tx.execute<{ failed: boolean; bucket: number; count: number }>(sql`
    select status_class = 5 as failed, b.bucket::int as bucket, sum(b.n)::int as count
    from prediction_counts, unnest(latency_buckets, latency_counts) as b (bucket, n)
    where workspace_id = ${ctx.workspaceId} and deployment_id = ${deploymentId} and seconds = 10
      and at >= ${new Date(fromMs).toISOString()}::timestamptz
      and at < ${new Date(untilMs).toISOString()}::timestamptz
    group by 1, 2`);
  const sum = (list: typeof rows) => list.reduce((total, row) => total + row.count, 0);
  const requests = sum(rows);
  const latencies = new Map<number, number>();
  for (const { bucket, count } of rows) {
    latencies.set(bucket, (latencies.get(bucket) ?? 0) + count);
  }
  return {
    requests,
    errorRate: requests > 0 ? sum(rows.filter((row) => row.failed)) / requests : null,
    p99Ms: latencyQuantileMs(latencies, 0.99),
  };
}
