import { and, eq, max } from "drizzle-orm";
import { type Transaction, withWorkspace } from "@/db/client";
import { deployments, rollOutAnalyses } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { judge, type Reading } from "../analysis/judge";
import type { RollOut } from "../internal";
import { type ReplicaMove, readReplicaMove } from "./grow-replicas";
import { hasTraffic, isOpen, type RollOutRow, rollOutsWhere } from "./internal";
import { loadFacts, stableP99 } from "./load-facts";
import { loadShadowFacts } from "./load-shadow-facts";

/** What was found about a roll-out, and the revision of the deployment it was found at. */
export interface Look {
  revision: number;
  number: number;
  /** Empty where nothing is analysed, or nothing has traffic yet. */
  readings: Reading[];
  /** From what latency on a request is slow, once the stable variant has shown it. */
  threshold: { slowAboveUs: number; slowSince: Date } | null;
  /** Where its replicas stand; null where they do not change with the traffic. */
  move: ReplicaMove | null;
}

/**
 * Reads and judges, before the deployment is locked: over a long log that takes a while. Writes
 * nothing. Undefined when the roll-out is over.
 */
export function lookAt(ctx: Context, ref: RollOut): Promise<Look | undefined> {
  return withWorkspace(ctx, async (tx) => {
    const [rollOut] = await rollOutsWhere(tx, ctx, { variantId: ref.variantId });
    if (!rollOut || !isOpen(rollOut)) return undefined;
    const [deployment] = await tx
      .select()
      .from(deployments)
      .where(
        and(eq(deployments.workspaceId, ctx.workspaceId), eq(deployments.id, ref.deploymentId)),
      );
    if (!deployment) return undefined;
    const number = await nextLook(tx, ctx, rollOut);
    const look = {
      revision: deployment.revision,
      number,
      readings: [],
      threshold: null,
      move: hasTraffic(rollOut) ? await readReplicaMove(tx, ctx, deployment, rollOut) : null,
    };
    if (!hasTraffic(rollOut) || !rollOut.plan.analysis.isEnabled) return look;
    const { slowAboveUs, slowSince } = rollOut;
    const threshold =
      slowAboveUs !== null && slowSince
        ? { slowAboveUs, slowSince }
        : await stableP99(tx, ctx, rollOut);
    const timed = { ...rollOut, ...threshold };
    const load = rollOut.strategy === "shadow" ? loadShadowFacts : loadFacts;
    const facts = await load(tx, ctx, timed, number);
    return { ...look, readings: judge(facts, rollOut.plan.analysis), threshold };
  });
}

async function nextLook(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId">,
  rollOut: RollOutRow,
): Promise<number> {
  const [row] = await tx
    .select({ look: max(rollOutAnalyses.look) })
    .from(rollOutAnalyses)
    .where(
      and(
        eq(rollOutAnalyses.workspaceId, ctx.workspaceId),
        eq(rollOutAnalyses.rollOutId, rollOut.id),
      ),
    );
  return (row?.look ?? 0) + 1;
}
