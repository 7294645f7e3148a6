import { Histogram } from "prom-client";

import { DURATION_BUCKETS_MS, type LabeledStats } from "./model-stats";

/**
 * Request durations as a prom-client histogram whose samples come from the plain counters at scrape
 * time; prom-client's own `observe` costs too much for every request.
 */
export function durationHistogram(models: () => LabeledStats[]): Histogram<"model" | "version"> {
  const name = "nv_inference_request_duration_histogram_ms";
  const histogram = new Histogram({
    name,
    help: "Duration of inference requests in milliseconds",
    labelNames: ["model", "version"],
    buckets: [...DURATION_BUCKETS_MS],
    registers: [],
  });
  const metadata = histogram.get.bind(histogram);
  histogram.get = async () => ({
    ...(await metadata()),
    values: models().flatMap((model) => samplesOf(name, model)),
  });
  return histogram;
}

function samplesOf(name: string, { labels, stats }: LabeledStats) {
  let cumulative = 0;
  const samples = stats.durationBuckets.map((count, at) => {
    cumulative += count;
    const le = DURATION_BUCKETS_MS[at] ?? "+Inf";
    return {
      metricName: `${name}_bucket`,
      labels: { ...labels, le },
      value: cumulative,
      exemplar: null,
    };
  });
  return [
    ...samples,
    { metricName: `${name}_sum`, labels, value: stats.request.ms },
    { metricName: `${name}_count`, labels, value: stats.request.count },
  ];
}
