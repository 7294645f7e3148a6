import type { ModelStore } from "@/server/node/models/model-store";
import { type Duration, ModelStats } from "./model-stats";

/** The answer of the statistics extension; durations in nanoseconds as it prescribes. */
export function modelStatistics(store: ModelStore, names: readonly string[]) {
  return { model_stats: names.map((name) => modelStatisticsOf(name, "1", store.statsOf(name))) };
}

/** One entry of that answer. */
export function modelStatisticsOf(
  name: string,
  version: string,
  stats: ModelStats = new ModelStats(),
) {
  const failures = Object.values(stats.failure).reduce((sum, count) => sum + count, 0);
  return {
    name,
    version,
    last_inference: stats.lastInferenceAt,
    inference_count: stats.inferenceCount,
    execution_count: Math.round(stats.executionCount),
    inference_stats: {
      success: { count: stats.success, ns: nanoseconds(stats.request) },
      fail: { count: failures, ns: 0 },
      queue: statistic(stats.queue),
      compute_input: statistic(stats.computeInput),
      compute_infer: statistic(stats.computeInfer),
      compute_output: statistic(stats.computeOutput),
      cache_hit: { count: 0, ns: 0 },
      cache_miss: { count: 0, ns: 0 },
    },
    batch_stats: [...stats.batchSizes]
      .sort(([a], [b]) => a - b)
      .map(([size, duration]) => ({ batch_size: size, compute_infer: statistic(duration) })),
  };
}

function statistic(duration: Duration) {
  return { count: Math.round(duration.count), ns: nanoseconds(duration) };
}

function nanoseconds({ ms }: Duration): number {
  return Math.round(ms * 1e6);
}
