import { and, eq, gte } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { shadowComparisons } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { type Facts, NO_COUNTS } from "../analysis/facts";
import type { RollOutRow } from "./internal";
import { slotSeconds, stableCounts } from "./load-facts";

/**
 * What is known of a shadow: how it answered its copies, by the minute, and what the stable variant
 * did with its own requests meanwhile. Only answered requests are copied, so the two are not held
 * against each other request by request.
 */
export async function loadShadowFacts(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  rollOut: RollOutRow,
  look: number,
): Promise<Facts> {
  const from = rollOut.startedAt ?? ctx.now();
  const t = shadowComparisons;
  const minutes = await tx
    .select()
    .from(t)
    .where(
      and(
        eq(t.workspaceId, ctx.workspaceId),
        eq(t.deploymentId, rollOut.deploymentId),
        eq(t.variantId, rollOut.candidateId),
        gte(t.at, new Date(from.getTime() - 60_000)),
      ),
    )
    .orderBy(t.at);
  const sum = (pick: (one: (typeof minutes)[number]) => number) =>
    minutes.reduce((total, one) => total + pick(one), 0);
  const until = ctx.now();
  const seconds = slotSeconds(until.getTime() - from.getTime());
  const before = await stableCounts(tx, ctx, rollOut, { seconds, from, until });
  return {
    strata: minutes.map(({ requests, errors }) => ({
      stable: NO_COUNTS,
      candidate: { ...NO_COUNTS, requests: requests + errors, errors },
    })),
    before,
    inStep: {
      stable: before.requests,
      candidate: sum((one) => one.requests + one.errors),
    },
    slowAboveMs: null,
    outputs: { stable: [], candidate: [] },
    paired: {
      requests: sum((one) => one.requests),
      equal: sum((one) => one.equal),
      rows: sum((one) => one.rows),
      flips: sum((one) => one.flips),
      differenceMax: Math.max(0, ...minutes.map((one) => one.differenceMax)),
    },
    // What a shadow would have said of each request is not kept.
    labels: null,
    look,
  };
}
