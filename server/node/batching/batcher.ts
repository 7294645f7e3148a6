import type { OnnxSession } from "@/server/node/onnx/onnx-session";
import type { ModelStats } from "@/server/node/stats/model-stats";
import { ProtocolError, type Tensor } from "@/server/protocols/open-inference/codec";
import { type CallCost, rowsWithin } from "./call-cost";
import { concatenateTensors, sliceTensor } from "./merge-tensors";
import { type BatchPolicy, selectBatch, type Waiting, waitBeforeRun } from "./select-batch";

export type QueuePolicy = BatchPolicy & {
  /**
   * auto: calls are kept short by what calls cost, and an idle model never waits. fixed: as the
   * policy says. off: each request runs alone.
   */
  mode: "auto" | "fixed" | "off";
  /** What auto allows before it has seen enough calls. */
  rowsStart: number;
  queueMax: number;
  timeoutMs: number;
  /** Whether a request may name a shorter time. */
  timeoutOverride: boolean;
  /** 1 is the highest; 0 levels take no notice of priorities. */
  priorityLevels: number;
  priorityDefault: number;
};

/** A call occupies the node's thread: calls of slow models are cut to about this. */
const CALL_MS = 50;

export type Work = {
  /** In the order of the model's inputs, already checked. */
  inputs: readonly Tensor[];
  outputs: readonly string[] | undefined;
  rows: number;
  key: string | undefined;
  /** Milliseconds this request may wait; undefined takes the model's setting. */
  timeoutMs: number | undefined;
  /** 1 is the highest; undefined takes the model's default. */
  priority: number | undefined;
  /** Set by the caller when nobody waits for the answer any more. */
  abandoned: () => boolean;
};

export type BatchResult = {
  outputs: Tensor[];
  queueMs: number;
  computeMs: number;
  /** Rows of all requests that ran in the same call. */
  batchRows: number;
};

type Job = Waiting & {
  /** Lower goes first. */
  priority: number;
  work: Work;
  resolve: (result: BatchResult) => void;
  reject: (error: unknown) => void;
};

/**
 * A queue of requests of one model. When nothing runs, what arrived in the same turn of the event
 * loop starts together right after it (unless the model asks for a delay); what arrives while a call
 * runs is merged into the next one. A batch that fails runs again one by one, so that one bad request
 * never fails its neighbors. Requests of a higher priority stand before the others.
 */
export class Batcher {
  private queue: Job[] = [];
  private running = false;
  private scheduled = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly session: OnnxSession,
    private policy: QueuePolicy,
    private readonly stats: ModelStats,
    /** Shared by all queues of a model. */
    private readonly cost: CallCost,
  ) {}

  /** Takes effect with the next batch; what waits keeps its place and its deadline. */
  configure(policy: QueuePolicy): void {
    this.policy = policy;
    this.schedule();
  }

  /** Rows that may run as one call now; 0 when requests are never merged or cut. */
  get rowsLimit(): number {
    const { mode, rowsMax, rowsStart } = this.policy;
    if (mode !== "auto" || rowsMax === 0) return rowsMax;
    const fit = this.cost.fit();
    return fit === undefined ? rowsStart : rowsWithin(fit, CALL_MS, rowsMax);
  }

  /** Rejects with ProtocolError 503 when the queue is full or the wait too long. */
  submit(work: Work): Promise<BatchResult> {
    if (this.queue.length >= this.policy.queueMax) {
      this.stats.failure.REJECTED++;
      return Promise.reject(new ProtocolError(503, "the model's queue is full", 1));
    }
    return new Promise((resolve, reject) => {
      const enqueuedAt = performance.now();
      const deadline = enqueuedAt + this.timeoutOf(work);
      const { rows } = work;
      const key = this.policy.mode === "off" ? undefined : work.key;
      const priority = this.priorityOf(work);
      this.insert({ rows, key, enqueuedAt, deadline, priority, work, resolve, reject });
      this.stats.pending++;
      this.schedule();
    });
  }

  private timeoutOf({ timeoutMs = Infinity }: Work): number {
    const { timeoutOverride, timeoutMs: limitMs } = this.policy;
    return timeoutOverride ? Math.min(timeoutMs, limitMs) : limitMs;
  }

  private priorityOf({ priority = 0 }: Work): number {
    const { priorityLevels, priorityDefault } = this.policy;
    return priority > 0 && priority <= priorityLevels ? priority : priorityDefault;
  }

  private insert(job: Job): void {
    let at = this.queue.length;
    while (at > 0 && (this.queue[at - 1]?.priority ?? 0) > job.priority) at--;
    if (at === this.queue.length) this.queue.push(job);
    else this.queue.splice(at, 0, job);
  }

  private pump(): void {
    if (this.running || this.queue.length === 0) return;
    const now = performance.now();
    this.dropExpired(now);
    const policy = this.batchPolicy();
    const batch = selectBatch(this.queue, policy);
    if (batch.length === 0) return;
    const waitMs = waitBeforeRun(batch, policy, now);
    if (waitMs > 0) {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.pump();
      }, Math.ceil(waitMs));
      return;
    }
    this.running = true;
    this.remove(batch);
    void this.execute(batch).finally(() => {
      this.running = false;
      if (this.queue.length > 0) this.schedule();
    });
  }

  private batchPolicy(): BatchPolicy {
    if (this.policy.mode === "fixed") return this.policy;
    return { rowsMax: this.rowsLimit, rowsPreferred: [], delayMs: 0 };
  }

  /** After the requests that the event loop has already read, which costs an idle model nothing. */
  private schedule(): void {
    if (this.running || this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.pump();
    });
  }

  private remove(batch: readonly Job[]): void {
    this.stats.pending -= batch.length;
    if (batch.length === this.queue.length) {
      this.queue = [];
      return;
    }
    const taken = new Set(batch);
    this.queue = this.queue.filter((job) => !taken.has(job));
  }

  private dropExpired(now: number): void {
    if (!this.queue.some((job) => job.deadline < now || job.work.abandoned())) return;
    this.queue = this.queue.filter((job) => {
      const abandoned = job.work.abandoned();
      if (!abandoned && job.deadline >= now) return true;
      this.stats.pending--;
      this.stats.failure[abandoned ? "CANCELED" : "REJECTED"]++;
      job.reject(new ProtocolError(503, "the request waited longer than its timeout", 1));
      return false;
    });
  }

  private async execute(batch: readonly Job[]): Promise<void> {
    const [only] = batch;
    if (only === undefined) return;
    try {
      if (batch.length === 1) await this.runOne(only);
      else await this.runTogether(batch);
    } catch (error) {
      if (batch.length === 1) only.reject(error);
      else for (const job of batch) await this.runOne(job).catch(job.reject);
    }
  }

  private async runOne(job: Job): Promise<void> {
    const { work, rows } = job;
    const { outputs, computeMs } = await this.session
      .run(work.inputs, work.outputs)
      .catch((error: unknown) => {
        this.stats.failure.BACKEND++;
        throw error;
      });
    const queueMs = performance.now() - job.enqueuedAt - computeMs;
    this.cost.note(rows, computeMs);
    this.stats.recordExecution(rows, 0, computeMs, 0);
    this.stats.recordRequest(rows, queueMs, computeMs);
    job.resolve({ outputs, queueMs, computeMs, batchRows: rows });
  }

  private async runTogether(batch: readonly Job[]): Promise<void> {
    const startedAt = performance.now();
    const [first] = batch;
    const merged = (first?.work.inputs ?? []).map((_, at) =>
      concatenateTensors(batch.flatMap((job) => job.work.inputs[at] ?? [])),
    );
    const mergeMs = performance.now() - startedAt;
    const batchRows = batch.reduce((sum, job) => sum + job.rows, 0);
    const { outputs, computeMs } = await this.session.run(merged, first?.work.outputs);
    const computedAt = performance.now();
    this.cost.note(batchRows, computeMs);
    if (outputs.some((output) => output.shape[0] !== batchRows))
      throw new Error("the model's answer does not have one row for each row it was given");
    let row = 0;
    for (const job of batch) {
      const from = row;
      row += job.rows;
      const queueMs = computedAt - job.enqueuedAt - computeMs;
      this.stats.recordRequest(job.rows, queueMs, computeMs);
      const part = outputs.map((output) => sliceTensor(output, from, from + job.rows));
      job.resolve({ outputs: part, queueMs, computeMs, batchRows });
    }
    const splitMs = performance.now() - computedAt;
    this.stats.recordExecution(batchRows, mergeMs, computeMs, splitMs);
  }
}
