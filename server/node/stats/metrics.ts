import { Counter, Gauge, Registry } from "prom-client";
import type { ModelStore } from "@/server/node/models/model-store";
import { durationHistogram } from "./duration-histogram";
import type { Duration, LabeledStats, ModelStats } from "./model-stats";
import { TRITON_HELP } from "./triton-families";

/** Series are bounded: models beyond this many are left out of the metrics. */
const METRIC_MODELS_MAX = 1000;

type Read = (stats: ModelStats) => number;

const COUNTERS: Record<string, { help: string; read: Read }> = {
  nv_inference_request_success: {
    help: TRITON_HELP.nv_inference_request_success,
    read: (stats) => stats.success,
  },
  nv_inference_count: {
    help: TRITON_HELP.nv_inference_count,
    read: (stats) => stats.inferenceCount,
  },
  nv_inference_exec_count: {
    help: "Number of model executions performed",
    read: (stats) => stats.executionCount,
  },
  nv_inference_request_duration_us: {
    help: TRITON_HELP.nv_inference_request_duration_us,
    read: (stats) => micros(stats.request),
  },
  nv_inference_queue_duration_us: {
    help: TRITON_HELP.nv_inference_queue_duration_us,
    read: (stats) => micros(stats.queue),
  },
  nv_inference_compute_input_duration_us: {
    help: "Cumulative input time in microseconds",
    read: (stats) => micros(stats.computeInput),
  },
  nv_inference_compute_infer_duration_us: {
    help: TRITON_HELP.nv_inference_compute_infer_duration_us,
    read: (stats) => micros(stats.computeInfer),
  },
  nv_inference_compute_output_duration_us: {
    help: "Cumulative output time in microseconds",
    read: (stats) => micros(stats.computeOutput),
  },
};

const micros = ({ ms }: Duration): number => Math.round(ms * 1000);

const registries = new WeakMap<ModelStore, Registry>();

/** Prometheus text of this node, in the names that Triton's dashboards know. */
export async function metricsText(store: ModelStore): Promise<{ type: string; text: string }> {
  let registry = registries.get(store);
  if (registry === undefined) {
    registry = makeRegistry(store);
    registries.set(store, registry);
  }
  return { type: registry.contentType, text: await registry.metrics() };
}

/** Nothing is counted in prom-client: its metrics read the plain counters when they are scraped. */
function makeRegistry(store: ModelStore): Registry {
  const registry = new Registry();
  const labelNames = ["model", "version"];
  const registers = [registry];
  const models = () => listModels(store);
  for (const [name, { help, read }] of Object.entries(COUNTERS))
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const { labels, stats } of models()) this.inc(labels, read(stats));
      },
    });
  new Counter({
    name: "nv_inference_request_failure",
    help: TRITON_HELP.nv_inference_request_failure,
    labelNames: [...labelNames, "reason"],
    registers,
    collect() {
      this.reset();
      for (const { labels, stats } of models())
        for (const [reason, count] of Object.entries(stats.failure))
          this.inc({ ...labels, reason }, count);
    },
  });
  new Gauge({
    name: "nv_inference_pending_request_count",
    help: "Number of requests waiting for execution",
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { labels, stats } of models()) this.set(labels, stats.pending);
    },
  });
  addProcessMetrics(registry, store);
  registry.registerMetric(durationHistogram(models));
  return registry;
}

function addProcessMetrics(registry: Registry, store: ModelStore): void {
  const registers = [registry];
  new Gauge({
    name: "modelyard_node_model_bytes",
    help: "Bytes of the models in memory",
    registers,
    collect() {
      this.set(store.bytesInMemory);
    },
  });
  new Gauge({
    name: "modelyard_node_resident_memory_bytes",
    help: "Resident memory of the node process",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Counter({
    name: "modelyard_node_cpu_seconds_total",
    help: "Processor time of the node process",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
}

function listModels(store: ModelStore): LabeledStats[] {
  return store
    .names()
    .slice(0, METRIC_MODELS_MAX)
    .flatMap((model) => {
      const stats = store.statsOf(model);
      return stats === undefined ? [] : [{ labels: { model, version: "1" }, stats }];
    });
}
