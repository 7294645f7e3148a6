import type { Pool } from "pg";
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from "prom-client";

/** Seconds; from a prediction's fractions of a millisecond to an upload's minutes. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** The API lane's own families. Labels are bounded: routes are templates, not paths. */
export function createWebMetrics(registry: Registry, pool: Pool) {
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "modelyard_requests_total",
    help: "HTTP requests answered, by route template, method and status.",
    labelNames: ["lane", "route", "method", "status"],
    registers: [registry],
  });
  const durations = new Histogram({
    name: "modelyard_request_duration_seconds",
    help: "Time from request to reply.",
    labelNames: ["lane", "route", "method"],
    buckets: BUCKETS,
    registers: [registry],
  });
  new Gauge({
    name: "modelyard_training_jobs",
    help: "Training jobs waiting or running, by status.",
    labelNames: ["status"],
    registers: [registry],
    async collect() {
      const { rows } = await pool.query<{ status: string; jobs: number }>(
        "select status, jobs::int from count_training_jobs()",
      );
      this.reset();
      for (const row of rows) this.set({ status: row.status }, row.jobs);
    },
  });
  return {
    observe(lane: string, route: string, method: string, status: number, seconds: number): void {
      requests.inc({ lane, route, method, status });
      durations.observe({ lane, route, method }, seconds);
    },
  };
}

export type WebMetrics = ReturnType<typeof createWebMetrics>;
