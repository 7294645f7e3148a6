import { and, eq, inArray, like } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { experimentTags } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { metricDirection } from "../metric-direction";
import type { GoalOf } from "./run-fields";

/**
 * Which way each metric gets better in some experiments, by their own word, else by the metric's name.
 * Where two experiments contradict each other the one first by key order speaks.
 */
export async function loadGoals(
  tx: Transaction,
  ctx: Context,
  experimentIds: string[] | null,
): Promise<GoalOf> {
  const rows = await tx
    .select({ key: experimentTags.key, value: experimentTags.value })
    .from(experimentTags)
    .where(
      and(
        eq(experimentTags.workspaceId, ctx.workspaceId),
        experimentIds ? inArray(experimentTags.experimentId, experimentIds) : undefined,
        like(experimentTags.key, "modelyard.goal.%"),
      ),
    )
    .orderBy(experimentTags.key, experimentTags.value)
    .limit(10_000);
  const tags = Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  return (key) => metricDirection(key, tags);
}
