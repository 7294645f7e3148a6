import { z } from "zod";
import { type Transaction, withWorkspace } from "@/db/client";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import type { Page } from "@/server/kernel/paging";
import { clientOf } from "./client-of";
import { RUN_LANGUAGE } from "./filter";
import { toRunHead } from "./internal";
import { loadRunLinks, type RunLinks } from "./run-links";
import { loadRunTexts, type RunTexts } from "./run-texts";
import type { RunDto } from "./schemas";
import { findRuns } from "./search/find-runs";
import { asksForBest, loadGoals } from "./search/goals";
import { readFilter, readOrders } from "./search/read-filter";

/** Most runs of one reply. */
const SEARCH_MAX = 50_000;
/** Longer schemas and profiles of datasets come with the run alone, characters. */
const LINK_TEXT_MAX = 65_536;

/** A run of a search: what it logged as JSON, written once and not looked into. */
export type FoundRunDto = Omit<RunDto, "params" | "tags" | "metrics"> &
  RunLinks & { logged: RunTexts };

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
): Promise<Page<FoundRunDto>> {
  requirePermission(ctx, "experiments:read");
  const query = searchRunsInput.parse(input);
  const filter = readFilter(query.filter, RUN_LANGUAGE);
  const orders = readOrders(query.orderBy, RUN_LANGUAGE);
  return withWorkspace(ctx, async (tx) => {
    const experimentIds = await idsOf(tx, ctx, query.experimentNumbers);
    if (experimentIds.length === 0) return { items: [], nextCursor: null };
    const { rows, nextCursor } = await findRuns(tx, ctx, {
      experimentIds,
      filter,
      view: query.view,
      goalOf: await loadGoals(tx, ctx, asksForBest(filter, orders) ? experimentIds : []),
      orders,
      idAscending: true,
      limit: query.limit,
      cursor: query.cursor,
    });
    const ids = rows.map(({ run }) => run.id);
    const { textsOf, areLinked } = await loadRunTexts(tx, ctx, ids);
    const links = await loadRunLinks(tx, ctx, areLinked ? ids : [], LINK_TEXT_MAX);
    const items = rows.map(({ run, experiment }) => ({
      ...toRunHead(run, experiment),
      ...links(run.id),
      logged: textsOf(run.id),
    }));
    return { items, nextCursor };
  });
}

async function idsOf(tx: Transaction, ctx: Context, numbers: number[]): Promise<string[]> {
  const { rows } = await clientOf(tx).query<{ id: string }>({
    name: "experiment_ids",
    text: "select id from experiments where workspace_id = $1::uuid and number = any($2::int8[])",
    values: [ctx.workspaceId, `{${numbers.join(",")}}`],
  });
  return rows.map(({ id }) => id);
}
