import { eq, ilike } from "drizzle-orm";
import type { z } from "zod";
import { withWorkspace } from "@/db/client";
import { runs } from "@/db/schema";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { invalid } from "@/server/kernel/errors";
import type { Page } from "@/server/kernel/paging";
import type { Order } from "./filter";
import { getExperimentInWorkspace } from "./internal";
import { escapeLike, queryRuns } from "./run-query";
import { listRunsInput, type RunDto } from "./schemas";

type Query = ReturnType<typeof listRunsInput.parse>;

/** A page of runs; sorted by a metric, runs without it come last. Throws not_found for the experiment. */
export async function listRuns(
  ctx: Context,
  input: z.input<typeof listRunsInput>,
): Promise<Page<RunDto>> {
  requirePermission(ctx, "experiments:read");
  const query = listRunsInput.parse(input);
  const orders = ordersOf(query);
  return withWorkspace(ctx, async (tx) => {
    const experiment = query.experiment
      ? await getExperimentInWorkspace(tx, ctx, query.experiment)
      : null;
    const conditions = [
      query.status ? eq(runs.status, query.status) : undefined,
      query.search ? ilike(runs.name, `%${escapeLike(query.search)}%`) : undefined,
    ];
    return queryRuns(tx, ctx, {
      experimentIds: experiment ? [experiment.id] : null,
      filter: null,
      goalOf: () => "maximize",
      conditions: conditions.filter((condition) => condition !== undefined),
      view: query.view,
      orders,
      idAscending: query.order === "asc",
      limit: query.limit,
      cursor: query.cursor,
    });
  });
}

function ordersOf(query: Query): Order[] {
  const ascending = query.order === "asc";
  if (query.sort === "name")
    return [{ field: { entity: "attribute", key: "run_name" }, ascending }];
  if (query.sort === "startTime")
    return [{ field: { entity: "attribute", key: "start_time" }, ascending }];
  if (!query.metric) {
    throw invalid("Sorting by a metric needs its name in `metric`.", [
      { path: "metric", message: "is missing" },
    ]);
  }
  const key = query.metric.replaceAll("\0", "");
  return [{ field: { entity: "metric", key, aggregate: "last" }, ascending }];
}
