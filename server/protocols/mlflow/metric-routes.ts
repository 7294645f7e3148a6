import { listMetricPoints, logBatch } from "@/server/experiments";
import { LIMITS } from "@/server/experiments/constants";
import { entries, metricFields, runIdFields, runIdOf, toEntries, toMetrics } from "./common-fields";
import { defineMlflowRoute } from "./contract";
import { invalidParameter } from "./errors";
import { int64, list, message, required, str } from "./fields";
import { wholeHistory } from "./stream-history";
import { cut, listed, toWireMetric } from "./wire";

export const metricRoutes = [
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/log-batch",
    permission: "experiments:write",
    fields: {
      ...runIdFields,
      metrics: list(required(message(metricFields))),
      params: entries,
      tags: entries,
    },
    handler: async ({ ctx, body }) => {
      await logBatch(ctx, {
        runId: runIdOf(body),
        ...toMetrics(body.metrics),
        params: cut(toEntries(body.params), LIMITS.paramValue),
        tags: cut(toEntries(body.tags), LIMITS.tagValue),
      });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/log-metric",
    permission: "experiments:write",
    fields: { ...runIdFields, ...metricFields },
    handler: async ({ ctx, body }) => {
      await logBatch(ctx, { runId: runIdOf(body), ...toMetrics([body]) });
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/metrics/get-history",
    permission: "experiments:read",
    fields: {
      ...runIdFields,
      metric_key: required(str),
      max_results: int64,
      page_token: str,
    },
    handler: async ({ ctx, body }) => {
      const limit = body.max_results;
      if (limit !== undefined && limit <= 0) {
        throw invalidParameter(
          `Invalid value ${limit} for parameter 'max_results' supplied. It must be a positive integer.`,
        );
      }
      const loadPage = (size: number, cursor: string | undefined) =>
        listMetricPoints(ctx, {
          runId: runIdOf(body),
          key: body.metric_key,
          limit: Math.min(size, LIMITS.historyPage),
          cursor,
        });
      if (limit === undefined && !body.page_token) {
        return wholeHistory((cursor) => loadPage(LIMITS.historyPage, cursor));
      }
      const page = await loadPage(limit ?? LIMITS.historyPage, body.page_token || undefined);
      return {
        ...listed("metrics", page.items.map(toWireMetric)),
        ...(page.nextCursor ? { next_page_token: page.nextCursor } : {}),
      };
    },
  }),
];
