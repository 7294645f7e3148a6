import { listMetricPoints, sampleMetricPoints, searchDatasetInputs } from "@/server/experiments";
import { LIMITS } from "@/server/experiments/constants";
import type { MetricDto } from "@/server/experiments/schemas";
import { defineMlflowRoute } from "./contract";
import { invalidParameter, missingParameter } from "./errors";
import { id, int64, list, required, str } from "./fields";
import { hexId, listed, toWireMetric } from "./wire";

/** Refuses none and too many runs, in the stock server's words. */
function someRuns(runIds: string[]): string[] {
  if (runIds.length === 0) {
    throw invalidParameter("GetMetricHistoryBulk request must specify at least one run_id.");
  }
  if (runIds.length > LIMITS.sampledRuns) {
    throw invalidParameter(
      `GetMetricHistoryBulk request cannot specify more than ${LIMITS.sampledRuns} run_ids. Received ${runIds.length} run_ids.`,
    );
  }
  return runIds;
}

/** One point as this route alone writes it: not a number stands bare, which is no JSON. */
function bareMetric(runId: string, point: MetricDto): string {
  const { value, ...rest } = toWireMetric(point);
  const text = JSON.stringify({ ...rest, run_id: runId });
  return `{"value": ${value === "NaN" ? "NaN" : String(value)}, ${text.slice(1)}`;
}

export const bulkRoutes = [
  defineMlflowRoute({
    methods: ["GET"],
    path: "/metrics/get-history-bulk",
    permission: "experiments:read",
    fields: { run_id: list(str), metric_key: str, max_results: int64 },
    handler: async ({ ctx, body }) => {
      const runIds = someRuns(body.run_id);
      const key = body.metric_key;
      if (!key) throw invalidParameter("GetMetricHistoryBulk request must specify a metric_key.");
      const limit = Math.min(body.max_results ?? LIMITS.historyPage, LIMITS.historyPage);
      if (limit < 1) throw invalidParameter("max_results must be a positive integer.");
      const points: string[] = [];
      for (const runId of runIds.toSorted()) {
        const { items } = await listMetricPoints(ctx, { runId, key, limit });
        points.push(...items.map((item) => bareMetric(runId, item)));
        if (points.length >= limit) break;
      }
      return new Response(`{"metrics": [${points.slice(0, limit).join(", ")}]}`, {
        headers: { "content-type": "application/json" },
      });
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/metrics/get-history-bulk-interval",
    permission: "experiments:read",
    fields: {
      run_ids: list(str),
      metric_key: required(str),
      start_step: int64,
      end_step: int64,
      max_results: int64,
    },
    handler: async ({ ctx, body }) => {
      const runIds = body.run_ids;
      if (runIds.length === 0) throw missingParameter("run_ids");
      if (runIds.length > LIMITS.sampledRuns) {
        throw invalidParameter(
          `GetMetricHistoryBulkInterval request must specify at most ${LIMITS.sampledRuns} run_ids. Received ${runIds.length} run_ids.`,
        );
      }
      const {
        start_step: start,
        end_step: end,
        max_results: maxPoints = LIMITS.sampledPoints,
      } = body;
      if (maxPoints < 1 || maxPoints > LIMITS.sampledPoints) {
        throw invalidParameter(`max_results must be between 1 and ${LIMITS.sampledPoints}.`);
      }
      if ((start === undefined) !== (end === undefined)) {
        throw invalidParameter(
          "If either start step or end step are specified, both must be specified.",
        );
      }
      if (start !== undefined && end !== undefined && start > end) {
        throw invalidParameter(
          `end_step must be greater than start_step. Found start_step=${start} and end_step=${end}.`,
        );
      }
      const steps: [number, number] | undefined =
        start === undefined || end === undefined ? undefined : [start, end];
      const found = await sampleMetricPoints(ctx, {
        runIds,
        key: body.metric_key,
        maxPoints,
        steps,
      });
      const metrics = found.flatMap(({ runId, points }) =>
        points.map((point) => ({ ...toWireMetric(point), run_id: hexId(runId) })),
      );
      return listed("metrics", metrics);
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/experiments/search-datasets",
    isSlashless: true,
    permission: "experiments:read",
    fields: { experiment_ids: list(id) },
    handler: async ({ ctx, body }) => {
      const ids = body.experiment_ids;
      if (ids.length === 0) {
        throw invalidParameter("SearchDatasets request must specify at least one experiment_id.");
      }
      if (ids.length > 20) {
        throw invalidParameter(
          `SearchDatasets request cannot specify more than 20 experiment_ids. Received ${ids.length} experiment_ids.`,
        );
      }
      const experimentNumbers = ids.filter((text) => /^\d{1,9}$/.test(text)).map(Number);
      if (experimentNumbers.length === 0) return {};
      const summaries = await searchDatasetInputs(ctx, { experimentNumbers });
      return listed(
        "dataset_summaries",
        summaries.map(({ experimentNumber, name, digest, context }) => ({
          experiment_id: String(experimentNumber),
          name,
          digest,
          ...(context === "" ? {} : { context }),
        })),
      );
    },
  }),
];
