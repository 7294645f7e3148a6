import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { Page } from "@/server/kernel/paging";
import { conditionSql, runCondition } from "./run-conditions";
import { runOrder } from "./run-order";
import { queryRuns } from "./run-query";
import type { RunDto } from "./schemas";

/** Most runs of one reply. */
const SEARCH_MAX = 50_000;

const searchRunsInput = z.object({
  experimentNumbers: z.array(z.int()).max(10_000),
  conditions: z.array(runCondition).max(100).default([]),
  orders: z.array(runOrder).max(20).default([]),
  view: z.enum(["active", "deleted", "all"]).default("active"),
  limit: z.int().min(1).max(SEARCH_MAX).default(1000),
  cursor: z.string().max(20_000).optional(),
});

/** Runs of some experiments that meet every condition; unknown experiments have no runs. */
export async function searchRuns(
  ctx: Context,
  input: z.input<typeof searchRunsInput>,
): Promise<Page<RunDto>> {
  requirePermission(ctx, "experiments:read");
  const query = searchRunsInput.parse(input);
  return withWorkspace(ctx, async (tx) => {
    const found = await tx
      .select({ id: experiments.id })
      .from(experiments)
      .where(
        and(
          eq(experiments.workspaceId, ctx.workspaceId),
          inArray(experiments.number, query.experimentNumbers),
        ),
      );
    if (found.length === 0) return { items: [], nextCursor: null };
    return queryRuns(tx, ctx, {
      experimentIds: found.map((row) => row.id),
      conditions: query.conditions.map(conditionSql),
      view: query.view,
      orders: query.orders,
      idAscending: true,
      limit: query.limit,
      cursor: query.cursor,
    });
  });
}
