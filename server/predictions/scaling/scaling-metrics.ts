import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** Seconds a request may wait for an idle deployment; the most a setting allows is the last. */
const BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
/** Deployments told apart; those beyond are left out rather than fill a Prometheus. */
const DEPLOYMENTS_MAX = 200;

/** Nodes that should answer for a deployment, and those that do. */
export interface ReplicaCount {
  deploymentId: string;
  desired: number;
  ready: number;
}

/** How deployments wake and how many replicas they have. Labels are ids and words of ours. */
export class ScalingMetrics {
  readonly held: Gauge;
  readonly woken: Counter;
  private readonly waits: Histogram;

  constructor(registry: Registry, replicas: () => readonly ReplicaCount[]) {
    const registers = [registry];
    this.held = new Gauge({
      name: "modelyard_held_requests",
      help: "Requests that wait now for an idle deployment to be loaded.",
      registers,
    });
    this.woken = new Counter({
      name: "modelyard_deployment_wakes_total",
      help: "Idle deployments that a request woke.",
      registers,
    });
    this.waits = new Histogram({
      name: "modelyard_held_request_duration_seconds",
      help: "How long requests waited for an idle deployment, by whether it woke for them.",
      labelNames: ["outcome"],
      buckets: BUCKETS,
      registers,
    });
    replicaGauge(registry, replicas, "desired", "Nodes that should hold a deployment's versions.");
    replicaGauge(
      registry,
      replicas,
      "ready",
      "Nodes that hold a deployment's versions and answer.",
    );
  }

  /** Notes how long a held request waited, milliseconds. */
  waited(outcome: "woken" | "refused", ms: number): void {
    this.waits.observe({ outcome }, ms / 1000);
  }
}

function replicaGauge(
  registry: Registry,
  replicas: () => readonly ReplicaCount[],
  which: "desired" | "ready",
  help: string,
): void {
  new Gauge({
    name: `modelyard_deployment_replicas_${which}`,
    help,
    labelNames: ["deployment"],
    registers: [registry],
    collect() {
      this.reset();
      for (const one of replicas().slice(0, DEPLOYMENTS_MAX)) {
        this.set({ deployment: one.deploymentId }, one[which]);
      }
    },
  });
}
