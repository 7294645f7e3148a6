import { and, eq, inArray, like } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { experimentTags } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import type { Field, Filter, Order } from "../filter";
import { metricDirection } from "../metric-direction";
import type { GoalOf } from "./run-fields";

/** Whether a filter or a sort asks for the best of a metric, which needs the goals of experiments. */
export function asksForBest(filter: Filter | null, orders: Order[]): boolean {
  const isBest = (field: Field) => field.entity === "metric" && field.aggregate === "best";
  const isIn = (one: Filter): boolean => {
    if (one.kind === "and" || one.kind === "or") return one.terms.some(isIn);
    return one.kind === "not" ? isIn(one.term) : isBest(one.field);
  };
  return orders.some(({ field }) => isBest(field)) || (filter !== null && isIn(filter));
}

/**
 * Which way each metric gets better in some experiments, by their own word, else by the metric's name.
 * Where two experiments contradict each other the one first by key order speaks.
 */
export async function loadGoals(
  tx: Transaction,
  ctx: Context,
  experimentIds: string[] | null,
): Promise<GoalOf> {
  if (experimentIds?.length === 0) return (key) => metricDirection(key, {});
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
