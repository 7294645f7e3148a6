import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** The wire format of a request. */
export type Protocol = "rest" | "v2" | "grpc";

/** Seconds; from below a millisecond, where most answers are, to the gateway's patience. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10];

const STATUS_CLASSES = ["2xx", "4xx", "5xx"] as const;

/** Counters of the prediction lane. Labels are bounded: no name from outside becomes one. */
export class PredictionMetrics {
  readonly registry = new Registry();
  private readonly requests = new Counter({
    name: "modelyard_prediction_requests_total",
    help: "Requests on the prediction lane, by protocol and class of status.",
    labelNames: ["protocol", "status"],
    registers: [this.registry],
  });
  private readonly duration = new Histogram({
    name: "modelyard_prediction_duration_seconds",
    help: "From the request's first byte to its reply.",
    labelNames: ["protocol"],
    buckets: BUCKETS,
    registers: [this.registry],
  });
  readonly predictions = new Counter({
    name: "modelyard_predictions_total",
    help: "Rows answered.",
    registers: [this.registry],
  });
  readonly cacheHits = new Counter({
    name: "modelyard_prediction_model_cache_hits_total",
    help: "Requests whose model was in the node's memory.",
    registers: [this.registry],
  });
  readonly cacheMisses = new Counter({
    name: "modelyard_prediction_model_cache_misses_total",
    help: "Requests for which a node had to load the model.",
    registers: [this.registry],
  });
  readonly logsWritten = new Counter({
    name: "modelyard_prediction_logs_written_total",
    help: "Prediction log rows written.",
    registers: [this.registry],
  });
  readonly logsDropped = new Counter({
    name: "modelyard_prediction_logs_dropped_total",
    help: "Prediction log rows lost because the buffer was full or the row unusable.",
    registers: [this.registry],
  });
  readonly logBuffer = new Gauge({
    name: "modelyard_prediction_log_buffer_rows",
    help: "Prediction log rows waiting to be written.",
    registers: [this.registry],
  });
  private readonly bound = {
    rest: this.bind("rest"),
    v2: this.bind("v2"),
    grpc: this.bind("grpc"),
  };

  /** Label lookups are done once: this runs on every request. */
  private bind(protocol: Protocol) {
    const [ok, refused, failed] = STATUS_CLASSES.map((status) =>
      this.requests.labels({ protocol, status }),
    );
    return { ok, refused, failed, duration: this.duration.labels({ protocol }) };
  }

  observe(protocol: Protocol, status: number, milliseconds: number): void {
    const bound = this.bound[protocol];
    const counter = status < 400 ? bound.ok : status < 500 ? bound.refused : bound.failed;
    counter?.inc();
    bound.duration.observe(milliseconds / 1000);
  }
}
