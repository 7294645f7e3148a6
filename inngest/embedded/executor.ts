import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Inngest, InngestFunction } from "inngest";
import { serve } from "inngest/edge";
import type { Pool } from "pg";
import { claimJobs, reclaimExpired, releaseJobs, renewLeases } from "./claim";
import type { Core } from "./core";
import { fireCrons } from "./cron-ticks";
import { listen } from "./listen";
import type { HeldJob } from "./locked-run";
import { type Performer, performJob } from "./perform-job";
import { prune } from "./prune";
import { registerFunctions, routeStragglers } from "./register";
import { defaultRetryDelayMs } from "./retry-delay";
import { coreOf, type EmbeddedTransport } from "./transport";
import type { Log } from "./types";

export interface ExecutorOptions {
  pool: Pool;
  /** Built with the transport's `fetch`, `baseUrl`, `eventKey` and `signingKey`, and `isDev: false`. */
  client: Inngest.Any;
  functions: readonly InngestFunction.Any[];
  transport: EmbeddedTransport;
  log: Log;
  /** Calls under way at once. */
  workers?: number;
  leaseMs?: number;
  pollMs?: number;
  /** Milliseconds until the next try, by the number (from 0) of the attempt that failed. */
  retryDelayMs?: (attempt: number) => number;
  /** How long ended runs are kept. */
  retentionMs?: number;
  /** The clock of cron triggers. */
  now?: () => Date;
}

export interface EmbeddedExecutor {
  /** Registers the functions and begins to work. @throws UnsupportedFunctionError */
  start(): Promise<void>;
  /** Takes no new work, waits for what is under way, then gives the rest up to other workers. */
  stop(options?: { graceMs?: number }): Promise<void>;
}

const PRUNE_MS = 10 * 60 * 1000;
const STRAGGLER_MS = 30 * 1000;

export function createEmbeddedExecutor(options: ExecutorOptions): EmbeddedExecutor {
  return new Executor(options, coreOf(options.transport));
}

class Executor implements EmbeddedExecutor {
  private readonly options: Required<ExecutorOptions>;
  private readonly held = new Map<string, { job: HeldJob; done: Promise<void> }>();
  private readonly closers: (() => unknown)[] = [];
  private performer: Performer | undefined;
  private running = false;
  private loop: Promise<void> | undefined;
  private woken = false;
  private renewedAt = performance.now();
  private wakeUp: () => void = () => undefined;

  constructor(
    options: ExecutorOptions,
    private readonly core: Core,
  ) {
    this.options = {
      workers: 16,
      leaseMs: 30_000,
      pollMs: 500,
      retryDelayMs: defaultRetryDelayMs,
      retentionMs: 30 * 24 * 60 * 60 * 1000,
      now: () => new Date(),
      ...options,
    };
  }

  async start(): Promise<void> {
    const { client, functions, transport, retryDelayMs, leaseMs, now } = this.options;
    const handler = serve({ client, functions: [...functions] });
    const specs = await registerFunctions(this.core, handler, transport.signingKey, now());
    this.performer = {
      core: this.core,
      handler,
      signingKey: transport.signingKey,
      worker: `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`,
      specs,
      retryDelayMs,
    };
    this.running = true;
    this.closers.push(this.core.onWake(() => this.wake()));
    this.closers.push(listen(this.options.pool, this.core.log, () => this.wake()));
    this.every(leaseMs / 3, () => this.renew());
    this.every(this.options.pollMs, () => this.tick());
    this.every(PRUNE_MS, () => prune(this.options.pool, this.options.retentionMs));
    this.every(STRAGGLER_MS, () => routeStragglers(this.core));
    this.loop = this.work();
    this.core.log.info({ functions: specs.size }, "the embedded executor runs");
  }

  async stop({ graceMs = 10_000 }: { graceMs?: number } = {}): Promise<void> {
    if (!this.running) return;
    this.running = false;
    this.wake();
    await this.loop;
    const ended = Promise.all([...this.held.values()].map(({ done }) => done));
    const grace = new AbortController();
    await Promise.race([
      ended,
      delay(graceMs, undefined, { signal: grace.signal }).catch(() => undefined),
    ]);
    grace.abort();
    await releaseJobs(this.options.pool, this.jobsHeld()).catch((err) =>
      this.core.log.error({ err }, "leases were not given up; they end by themselves"),
    );
    await Promise.all(this.closers.splice(0).map((close) => close()));
  }

  private jobsHeld(): HeldJob[] {
    return [...this.held.values()].map(({ job }) => job);
  }

  private wake(): void {
    this.woken = true;
    this.wakeUp();
  }

  /** Runs `fn` again and again with a pause between, whatever it throws, until the stop. */
  private every(pauseMs: number, fn: () => Promise<unknown>): void {
    const stop = new AbortController();
    const cycle = async () => {
      while (!stop.signal.aborted) {
        await delay(pauseMs, undefined, { signal: stop.signal }).catch(() => undefined);
        if (stop.signal.aborted) return;
        await fn().catch((err) => this.core.log.error({ err }, "upkeep of the executor failed"));
      }
    };
    const cycling = cycle();
    this.closers.push(() => {
      stop.abort();
      return cycling;
    });
  }

  private async renew(): Promise<void> {
    this.renewedAt = performance.now();
    await renewLeases(this.options.pool, this.jobsHeld(), this.options.leaseMs);
  }

  private async tick(): Promise<void> {
    const { pool, now, leaseMs } = this.options;
    // After the process was held up, its own leases come before anybody's are taken away.
    if (performance.now() - this.renewedAt > leaseMs / 3) await this.renew();
    await reclaimExpired(pool);
    if (this.performer) await fireCrons(this.core, this.performer.specs, now());
    this.wake();
  }

  private async work(): Promise<void> {
    while (this.running) {
      const claimed = await this.claim();
      if (claimed === 0 || this.held.size >= this.options.workers) await this.pause();
    }
  }

  /** Until woken; the tick wakes at the latest. */
  private async pause(): Promise<void> {
    if (this.woken || !this.running) return;
    await new Promise<void>((resolve) => {
      this.wakeUp = resolve;
    });
    this.wakeUp = () => undefined;
  }

  private async claim(): Promise<number> {
    const { performer } = this;
    const { pool, workers, leaseMs } = this.options;
    const limit = workers - this.held.size;
    this.woken = false;
    if (!performer || limit <= 0) return 0;
    try {
      const functionIds = [...performer.specs.keys()];
      const { worker } = performer;
      const jobs = await claimJobs(pool, { functionIds, limit, worker, leaseMs });
      for (const job of jobs) this.begin(performer, job);
      return jobs.length;
    } catch (err) {
      this.core.log.error({ err }, "work could not be claimed");
      await delay(this.options.pollMs);
      return 0;
    }
  }

  private begin(performer: Performer, job: HeldJob): void {
    const done = performJob(performer, job)
      .catch((err) => this.core.log.error({ err, runId: job.runId }, "a job was given up"))
      .finally(() => {
        this.held.delete(job.id);
        this.wake();
      });
    this.held.set(job.id, { job, done });
  }
}
