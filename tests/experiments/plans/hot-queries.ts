import {
  compareRuns,
  getExperiment,
  getRun,
  listMetricPoints,
  logBatch,
  metricHistory,
  searchRuns,
  searchRunTable,
} from "@/server/experiments";
import type { Context } from "@/server/kernel/context";

export interface HotQuery {
  name: string;
  run: (ctx: Context) => Promise<unknown>;
}

/** What clients and pages ask of the tracking store most often. */
export function hotQueries(runId: string): HotQuery[] {
  const search =
    (filter: string, orderBy: string[], more: object = {}) =>
    (ctx: Context) =>
      searchRuns(ctx, { experimentNumbers: [1], filter, orderBy, limit: 100, ...more });
  const point = { key: "metric 1", value: 1, timestamp: 1_700_000_000_000, step: 1 };
  return [
    {
      name: "A batch of metrics, a parameter and a tag is logged",
      run: (ctx) =>
        logBatch(ctx, {
          runId,
          metrics: [point],
          params: [{ key: "plan", value: "1" }],
          tags: [{ key: "plan", value: "1" }],
        }),
    },
    { name: "A run with all it logged", run: (ctx) => getRun(ctx, { runId }) },
    { name: "An experiment by its number", run: (ctx) => getExperiment(ctx, { experiment: "7" }) },
    { name: "Runs, the newest first", run: search("", []) },
    {
      name: "Runs by a metric's filter and another metric's order",
      run: search("metrics.`metric 1` > 0.9", ["metrics.`metric 2` DESC"]),
    },
    {
      name: "Runs with a rare value of a parameter",
      run: search("params.`param 1` = '77'", ["metrics.`metric 2` DESC"]),
    },
    {
      name: "A deep page by a metric's order",
      run: async (ctx) => {
        const { nextCursor } = await search("", ["metrics.`metric 3` DESC"], { limit: 1000 })(ctx);
        await search("", ["metrics.`metric 3` DESC"], { cursor: nextCursor })(ctx);
      },
    },
    {
      name: "Rows of the runs table",
      run: (ctx) =>
        searchRunTable(ctx, {
          experimentIds: ["1"],
          columns: { metrics: [{ key: "metric 1" }], params: ["param 1"] },
        }),
    },
    {
      name: "Series of a metric, sampled and whole",
      run: async (ctx) => {
        await metricHistory(ctx, { runId, keys: ["metric 1"], maxPoints: 100 });
        await listMetricPoints(ctx, { runId, key: "metric 1", limit: 100 });
      },
    },
    { name: "Runs side by side", run: (ctx) => compareRuns(ctx, { runIds: [runId] }) },
  ];
}
