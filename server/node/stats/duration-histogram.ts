import type { Metric } from "prom-client";
import { DURATION_BUCKETS_MS, type LabeledStats } from "./model-stats";

const NAME = "nv_inference_request_duration_histogram_ms";
const HELP = "Duration of inference requests in milliseconds";

/**
 * Request durations as a histogram whose samples come from the plain counters at scrape time;
 * prom-client's own histogram only takes observations one by one, which costs too much here.
 */
export function durationHistogram(models: () => LabeledStats[]): Metric {
  return asMetric(async () => ({
    name: NAME,
    help: HELP,
    type: "histogram",
    aggregator: "sum",
    values: models().flatMap(samplesOf),
  }));
}

/** All that a registry asks of a metric when it writes its text: a name and its samples. */
function asMetric(get: () => Promise<object>): Metric {
  return { name: NAME, get, reset: () => undefined } as unknown as Metric;
}

function samplesOf({ labels, stats }: LabeledStats) {
  let cumulative = 0;
  const buckets = stats.durationBuckets.map((count, at) => {
    cumulative += count;
    const le = DURATION_BUCKETS_MS[at] ?? "+Inf";
    return { metricName: `${NAME}_bucket`, labels: { ...labels, le }, value: cumulative };
  });
  return [
    ...buckets,
    { metricName: `${NAME}_sum`, labels, value: stats.request.ms },
    { metricName: `${NAME}_count`, labels, value: stats.request.count },
  ];
}
