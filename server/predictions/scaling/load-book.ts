import { performance } from "node:perf_hooks";
import type { Pool } from "pg";
import { newId } from "@/server/kernel/ids";
import type { Log } from "@/server/kernel/log";
import type { Route } from "../gateway/routing-table";
import { LoadMeter } from "./load-meter";

/** How often what was measured is written, milliseconds. */
const WRITE_MS = 2_000;

interface LoadBookOptions {
  pool: Pool;
  log: Pick<Log, "warn">;
  routes: () => readonly Route[];
  /** Nodes that hold every version a deployment answers with. */
  readyOf: (route: Route) => number;
}

/**
 * The load of deployments that scale by themselves, as this process sees it, written every two
 * seconds in one statement for all of them. Other deployments are not measured.
 */
export class LoadBook {
  private readonly meters = new Map<string, LoadMeter>();
  /** Names this process in the table. */
  private readonly writer = newId();
  private timer: NodeJS.Timeout | undefined;
  private writing = false;
  private failing = false;

  constructor(private readonly options: LoadBookOptions) {}

  start(): this {
    this.timer ??= setInterval(() => void this.write(), WRITE_MS).unref();
    return this;
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Measures a request of a deployment from now until it is answered. */
  async track<T>({ deploymentId }: Route, work: () => Promise<T>): Promise<T> {
    let meter = this.meters.get(deploymentId);
    if (!meter) {
      meter = new LoadMeter(performance.now());
      this.meters.set(deploymentId, meter);
    }
    meter.enter(performance.now());
    try {
      return await work();
    } finally {
      meter.leave(performance.now());
    }
  }

  private async write(): Promise<void> {
    if (this.writing) return;
    const rows = this.takeAll(performance.now());
    if (rows.length === 0) return;
    this.writing = true;
    try {
      await this.options.pool.query({
        name: "note_deployment_loads",
        text: "select note_deployment_loads($1, $2)",
        values: [this.writer, JSON.stringify(rows)],
      });
      this.failing = false;
    } catch (error) {
      // What was not written is missing in one average.
      if (!this.failing) this.options.log.warn({ err: error }, "measured load cannot be written");
      this.failing = true;
    } finally {
      this.writing = false;
    }
  }

  /** Deployments without requests are told as long as they have replicas: no load is news too. */
  private takeAll(nowMs: number): object[] {
    const rows: object[] = [];
    const measured = new Set<string>();
    for (const route of this.options.routes()) {
      const { deploymentId, workspaceId, settings, variants } = route;
      if (!settings.scaling.isEnabled) continue;
      measured.add(deploymentId);
      const meter = this.meters.get(deploymentId);
      const isIdle = variants.every((one) => one.replicas === 0);
      if (isIdle && !meter?.isBusy) {
        this.meters.delete(deploymentId);
        continue;
      }
      if (!meter) {
        this.meters.set(deploymentId, new LoadMeter(nowMs));
        continue;
      }
      const ready = this.options.readyOf(route);
      rows.push({ workspaceId, deploymentId, ready, ...meter.take(nowMs) });
    }
    for (const id of this.meters.keys()) if (!measured.has(id)) this.meters.delete(id);
    return rows;
  }
}
