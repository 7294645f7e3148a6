import { Counter, type Metric, type Registry } from "prom-client";
import { LATENCY_BUCKETS, latencyBucketUs } from "@/server/deployments";
import { TRITON_HELP } from "@/server/node/stats/triton-families";
import { type CountBook, Tally, type Total } from "./logs/count-book";

/** Every how many buckets of the counts there is one here: one an octave. */
const BUCKETS_AN_OCTAVE = 4;
const HISTOGRAM = "modelyard_inference_duration_seconds";

type Read = (answered: Tally) => number;

/** Families of Triton that a gateway knows; those of a node are in server/node/stats. */
const ANSWERED: Record<string, { help: string; read: Read }> = {
  ...read("nv_inference_request_success", (tally) => tally.requests),
  ...read("nv_inference_count", (tally) => tally.rows),
  ...read("nv_inference_request_duration_us", (tally) => tally.latencyUs),
  ...read("nv_inference_queue_duration_us", (tally) => tally.queueUs),
  ...read("nv_inference_compute_infer_duration_us", (tally) => tally.computeUs),
  nv_cache_num_hits_per_model: {
    help: "Number of requests answered by the response cache",
    read: (tally) => tally.cacheHits,
  },
};

function read(name: keyof typeof TRITON_HELP, of: Read) {
  return { [name]: { help: TRITON_HELP[name], read: of } };
}

/** Refused: what the caller asked was wrong. Failed: no model answered. */
const REASONS = [
  [4, "OTHER"],
  [5, "BACKEND"],
] as const;

/**
 * What was counted of each deployment's versions, read when it is scraped. Labels are those of Triton,
 * `model` and `version`, and the deployment's id, as names repeat in other workspaces. The counts keep
 * at most 200 of them apart and forget deployments that are deleted.
 */
export function registerTotals(registry: Registry, counts: CountBook): void {
  const registers = [registry];
  const labelNames = ["model", "version", "deployment"];
  for (const [name, { help, read }] of Object.entries(ANSWERED)) {
    new Counter({
      ...{ name, help, labelNames, registers },
      collect() {
        this.reset();
        for (const total of counts.totals()) {
          this.inc(labelsOf(total), read(total.classes[2] ?? NOTHING));
        }
      },
    });
  }
  new Counter({
    name: "nv_inference_request_failure",
    help: TRITON_HELP.nv_inference_request_failure,
    labelNames: [...labelNames, "reason"],
    registers,
    collect() {
      this.reset();
      for (const total of counts.totals()) {
        for (const [statusClass, reason] of REASONS) {
          this.inc({ ...labelsOf(total), reason }, total.classes[statusClass]?.requests ?? 0);
        }
      }
    },
  });
  registry.registerMetric(histogram(counts));
}

const NOTHING = new Tally();
const labelsOf = ({ deploymentId, model, version }: Total) => ({
  ...{ model, version, deployment: deploymentId },
});

/** prom-client's own takes observations one by one; these were counted already. */
function histogram(counts: CountBook): Metric {
  const get = async () => ({
    name: HISTOGRAM,
    help: "From the request to its reply, of answered requests.",
    type: "histogram",
    aggregator: "sum",
    values: [...counts.totals()].flatMap(samplesOf),
  });
  // All that a registry asks of a metric when it writes its text.
  return { name: HISTOGRAM, get, reset: () => undefined } as unknown as Metric;
}

function samplesOf(total: Total) {
  const tally = total.classes[2] ?? NOTHING;
  const labels = labelsOf(total);
  const samples = [];
  let cumulative = 0;
  for (let at = 0; at < LATENCY_BUCKETS - 1; at++) {
    cumulative += tally.buckets[at] ?? 0;
    if (at % BUCKETS_AN_OCTAVE !== 0) continue;
    const le = latencyBucketUs(at) / 1e6;
    samples.push({
      metricName: `${HISTOGRAM}_bucket`,
      labels: { ...labels, le },
      value: cumulative,
    });
  }
  const count = tally.requests;
  return [
    ...samples,
    { metricName: `${HISTOGRAM}_bucket`, labels: { ...labels, le: "+Inf" }, value: count },
    { metricName: `${HISTOGRAM}_sum`, labels, value: tally.latencyUs / 1e6 },
    { metricName: `${HISTOGRAM}_count`, labels, value: count },
  ];
}
