import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { withWorkspace } from "@/db/client";
import { experiments } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { Page } from "@/server/kernel/paging";
import { RUN_LANGUAGE } from "./filter";
import { loadRunLinks, type RunLinks } from "./run-links";
import { queryRuns } from "./run-query";
import type { RunDto } from "./schemas";
import { loadGoals } from "./search/goals";
import { readFilter, readOrders } from "./search/read-filter";

/** Most runs of one reply. */
const SEARCH_MAX = 50_000;
/** Longer schemas and profiles of datasets come with the run alone, characters. */
const LINK_TEXT_MAX = 65_536;

const searchRunsInput = z.object({
  experimentNumbers: z.array(z.int()).max(10_000),
  filter: z.string().default(""),
  orderBy: z.array(z.string()).max(20).default([]),
  view: z.enum(["active", "deleted", "all"]).default("active"),
  limit: z.int().min(1).max(SEARCH_MAX).default(1000),
  cursor: z.string().max(200_000).optional(),
});

/**
 * Runs of some experiments with all they logged, read and made, by MLflow's rules; unknown experiments have no runs.
 * Throws validation_failed for a filter or sort that cannot be read.
 */
export async function searchRuns(
  ctx: Context,
  input: z.input<typeof searchRunsInput>,
): Promise<Page<RunDto & RunLinks>> {
  requirePermission(ctx, "experiments:read");
  const query = searchRunsInput.parse(input);
  const filter = readFilter(query.filter, RUN_LANGUAGE);
  const orders = readOrders(query.orderBy, RUN_LANGUAGE);
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
    const experimentIds = found.map((row) => row.id);
    const page = await queryRuns(tx, ctx, {
      experimentIds,
      filter,
      view: query.view,
      goalOf: await loadGoals(tx, ctx, experimentIds),
      orders,
      idAscending: true,
      limit: query.limit,
      cursor: query.cursor,
    });
    const ids = page.items.map(({ id }) => id);
    const links = await loadRunLinks(tx, ctx, ids, LINK_TEXT_MAX);
    return { ...page, items: page.items.map((run) => ({ ...run, ...links(run.id) })) };
  });
}
