import type { Pool } from "pg";
import { listenTo } from "@/db/listen";
import { AppError } from "@/server/kernel/errors";
import { isDeadHere, ownName } from "../backends/local/process-identity";
import { failJob } from "../fail-job";
import type { JobRow } from "../internal";
import { claimJob } from "../queue/claim-job";
import { type AttemptEnd, endAttempt } from "../queue/end-attempt";
import { explainWait } from "../queue/hold-back";
import { judgeExit } from "../queue/judge-exit";
import { QUEUE_CHANNEL } from "../queue/wake-queue";
import { type KeptLease, keepLease } from "./keep-lease";
import { NotStarted, runAttempt } from "./run-attempt";
import type { DispatcherOptions } from "./settings";

interface DueJob {
  workspace_id: string;
  id: string;
  status: "queued" | "running";
  lease_owner: string | null;
  lease_expired: boolean;
}

/** Jobs read at one look; more wait for the next. */
const LOOK_JOBS = 200;

/** Starts queued jobs while slots are free, and looks after them and after those of dead workers. */
export class Dispatcher {
  private readonly held = new Map<string, { kept: KeptLease; done: Promise<void> }>();
  private readonly explained = new Map<string, string>();
  private readonly stopping = new AbortController();
  private connection: { close: () => Promise<void> } | undefined;
  private owner = "";
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private again = false;

  constructor(
    private readonly pool: Pool,
    private readonly options: DispatcherOptions,
  ) {}

  async start(): Promise<void> {
    this.owner = await ownName();
    this.connection = listenTo(
      this.pool,
      QUEUE_CHANNEL,
      () => this.wake(),
      () => this.wake(),
    );
    this.timer = setInterval(() => this.look(), this.options.timings.pollMs);
    this.look();
  }

  /** Ends the trainers it looks after, gives their jobs back to the queue, and takes no more. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearInterval(this.timer);
    await this.connection?.close();
    await this.looking;
    await Promise.all([...this.held.values()].map(({ done }) => done));
  }

  /** The queue changed: somebody may have asked to cancel what we hold. */
  private wake(): void {
    for (const { kept } of this.held.values()) void kept.beat();
    this.look();
  }

  private look(): void {
    if (this.stopping.signal.aborted) return;
    if (this.looking) {
      this.again = true;
      return;
    }
    this.again = false;
    this.looking = this.lookOnce()
      .catch((error: unknown) => {
        this.options.log.warn({ err: error }, "the training queue cannot be read");
      })
      .finally(() => {
        this.looking = undefined;
        if (this.again) this.look();
      });
  }

  private async lookOnce(): Promise<void> {
    const { rows } = await this.pool.query<DueJob>("select * from due_training_jobs($1)", [
      LOOK_JOBS,
    ]);
    // Once a job had to wait, none behind it may overtake it because a slot became free meanwhile.
    let full = false;
    for (const row of rows) {
      if (this.stopping.signal.aborted) return;
      if (this.held.has(row.id)) continue;
      if (row.status === "running") await this.takeOver(row);
      else full = (await this.takeQueued(row, full)) === "full" || full;
    }
  }

  private async takeOver(row: DueJob): Promise<void> {
    const dead = row.lease_owner !== null && (await isDeadHere(row.lease_owner));
    if (row.lease_expired || dead) await this.take(row, dead ? [row.lease_owner ?? ""] : []);
  }

  private async takeQueued(row: DueJob, full: boolean): Promise<"full" | "seen"> {
    const readiness = this.options.readiness();
    const ctx = this.options.jobContext(row.workspace_id, "training queue");
    if (readiness.state === "failed") {
      await failJob(ctx, { jobId: row.id, error: readiness.message });
      return "seen";
    }
    if (readiness.state === "waiting") {
      await this.explain(row, readiness.message);
      return "seen";
    }
    if (full || this.held.size >= this.options.slots) {
      await this.explain(row, "Waiting for a free training slot");
      return "full";
    }
    await this.take(row, []);
    return "seen";
  }

  /** Each reason is written once, not at every look. */
  private async explain(row: DueJob, message: string): Promise<void> {
    if (this.explained.get(row.id) === message) return;
    if (this.explained.size > 10_000) this.explained.clear();
    this.explained.set(row.id, message);
    await explainWait(this.options.jobContext(row.workspace_id, "training queue"), row.id, message);
  }

  private async take(row: DueJob, deadOwners: string[]): Promise<void> {
    const { jobContext, timings } = this.options;
    const ctx = jobContext(row.workspace_id, "training queue");
    const claim = { owner: this.owner, leaseMs: timings.leaseMs, deadOwners };
    const claimed = await claimJob(ctx, row.id, claim);
    if (!claimed) return;
    this.explained.delete(row.id);
    const kept = keepLease(claimed.lease, timings.heartbeatMs);
    kept.cancelRequestedAt = claimed.job.cancelRequestedAt;
    const done = this.attend(kept, claimed.job).finally(() => {
      kept.stop();
      this.held.delete(row.id);
      this.look();
    });
    this.held.set(row.id, { kept, done });
  }

  private async attend(kept: KeptLease, job: JobRow): Promise<void> {
    try {
      await runAttempt(this.options, kept, job, this.stopping.signal);
    } catch (error) {
      await this.afterError(kept, job, error);
    }
  }

  /** A start that failed is tried again as if it had crashed. */
  private async afterError(kept: KeptLease, job: JobRow, error: unknown): Promise<void> {
    const { log, timings } = this.options;
    log.warn({ jobId: job.id, err: error }, "a training attempt is not looked after any more");
    // Its trainer may run: once the lease has run out, whoever looks next takes over from here.
    if (!(error instanceof NotStarted)) return;
    const exit = {
      exitCode: null,
      signal: null,
      reason: "lost",
      lastError: error.message,
    } as const;
    const { timeLimitMs, retryDelayMs } = timings;
    const { attempt } = job;
    const end: AttemptEnd =
      error.cause instanceof AppError
        ? { kind: "failed", error: error.message }
        : judgeExit({ exit, told: null, attempt, timeLimitMs, retryDelayMs });
    await endAttempt(kept.lease, end).catch((failure: unknown) => {
      log.warn({ jobId: job.id, err: failure }, "a training attempt cannot be settled yet");
    });
  }
}
