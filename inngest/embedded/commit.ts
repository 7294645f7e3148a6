import type { PoolClient } from "pg";
import { concludeRuns, type Ending } from "./conclude";
import type { Core } from "./core";
import { inTransaction, rows } from "./database";
import { callJob, enqueue } from "./jobs";
import { LIMITS } from "./limits";
import { type HeldJob, type LockedRun, lockRun } from "./locked-run";
import { openStep } from "./open-step";
import type { Plan } from "./plan-response";
import { routeEvents } from "./route";
import type { Memo, PlannedStep } from "./sdk-response";
import { memoize, outstanding, recordPlanned } from "./steps";
import type { FunctionSpec, SerializedError, StoredEvent } from "./types";

/** What is known about a call besides its plan. */
export interface CallReport {
  spec: FunctionSpec;
  worker: string;
  startedAt: Date;
  requestVersion?: number;
  retryDelayMs: number;
}

/**
 * Makes a plan come true in one transaction, if the job is still held. Answers false when the lease
 * had passed to another worker or the run had ended: then nothing was written.
 */
export async function commitPlan(
  core: Core,
  job: HeldJob,
  plan: Plan,
  report: CallReport,
): Promise<boolean> {
  const done = await inTransaction(core.pool, async (tx) => {
    const run = await lockRun(tx, { runId: job.runId, jobId: job.id, token: job.token });
    if (!run) return false;
    await applyPlan(tx, core, run, job, plan, report);
    return true;
  });
  core.wake();
  return done;
}

async function applyPlan(
  tx: PoolClient,
  core: Core,
  run: LockedRun,
  job: HeldJob,
  plan: Plan,
  report: CallReport,
): Promise<void> {
  run.requestVersion ??= report.requestVersion ?? null;
  const stored = await storeMemos(tx, run, plan.memos);
  const excess = excessOf(run, plan);
  const error = excess ?? (plan.type === "fail" || plan.type === "retry" ? plan.error : null);
  await logAttempt(tx, job, report, excess ? "failed" : outcomeOf(plan), error);
  const ending = endingOf(plan, excess);
  if (ending) {
    const registry = await core.registry.load(tx);
    await saveRun(tx, run, null);
    const caused = await concludeRuns(tx, registry, [run.id], ending);
    await routeEvents(tx, core, registry, caused, { waits: true });
  } else if (plan.type === "retry") {
    await saveRun(tx, run, null);
    await rows(tx, RETRY, [job.id, plan.delayMs ?? report.retryDelayMs]);
  } else if (plan.type === "advance") {
    const raced = stored.some((step) => step.race);
    await advance(tx, core, run, job, report.spec, { planned: plan.planned, raced });
  }
}

function endingOf(plan: Plan, excess: SerializedError | null): Ending | undefined {
  if (excess) return { status: "failed", error: excess };
  if (plan.type === "fail") return { status: "failed", error: plan.error };
  return plan.type === "complete" ? { status: "completed", output: plan.output } : undefined;
}

/** Stores memos and counts them into the run. */
export async function storeMemos(tx: PoolClient, run: LockedRun, memos: Memo[]) {
  const stored = await memoize(tx, run.id, run.seq, memos);
  const ids = new Set(stored.map((step) => step.id));
  run.seq += memos.length;
  run.stepCount += stored.filter((step) => step.inserted).length;
  for (const memo of memos) {
    if (ids.has(memo.id)) run.stateBytes += Buffer.byteLength(memo.json);
  }
  return stored;
}

/** Says which limit of the real server the run would pass. */
export function excessOf(run: LockedRun, plan?: Plan): SerializedError | null {
  const planned = plan?.type === "advance" ? plan.planned.length : 0;
  if (run.stepCount + planned > LIMITS.stepsPerRunMax) {
    const message = `The run has more than ${LIMITS.stepsPerRunMax} steps.`;
    return { name: "StepLimitExceededError", message };
  }
  if (run.stateBytes > LIMITS.runStateBytesMax) {
    const message = `The steps of the run hold more than ${LIMITS.runStateBytesMax} bytes.`;
    return { name: "StateLimitExceededError", message };
  }
  return null;
}

/**
 * Opens newly reported steps and decides whether to call the function again: when nothing blocks
 * it, after each end of a race, and after each step under the first request version.
 */
export async function advance(
  tx: PoolClient,
  core: Core,
  run: LockedRun,
  job: { id: string },
  spec: FunctionSpec,
  news: { planned: PlannedStep[]; raced: boolean },
): Promise<void> {
  const fresh = await recordPlanned(tx, run.id, news.planned);
  run.stepCount += fresh.length;
  const caused: StoredEvent[] = [];
  for (const step of fresh) caused.push(...(await openStep(tx, core, run, spec, step)));
  const wasParallel = run.forcePlan;
  if (news.planned.length > 1) run.forcePlan = true;
  const waits = news.planned.length > 0;
  const open = wasParallel
    ? await outstanding(tx, run.id, job.id)
    : { steps: waits, blocking: waits, discoveries: false };
  // While another discovery is out, a step run at once here could be planned there too.
  if (!open.steps && !open.discoveries) run.forcePlan = false;
  if (!waits && (!open.blocking || news.raced || run.requestVersion === 1)) {
    await enqueue(tx, [callJob(run, spec.maxAttempts, { dedupe: `after:${job.id}` })]);
  }
  await saveRun(tx, run, job.id);
  if (caused.length > 0) {
    await routeEvents(tx, core, await core.registry.load(tx), caused, { waits: true });
  }
}

const SAVE = {
  name: "inngest_save_run",
  text: `WITH gone AS (DELETE FROM inngest.jobs WHERE id = $7)
    UPDATE inngest.runs SET seq = $2, step_count = $3, state_bytes = $4, force_plan = $5,
      request_version = $6 WHERE id = $1`,
};

/** Writes the run's counters and takes the finished job away. */
export async function saveRun(
  tx: PoolClient,
  run: LockedRun,
  finishedJobId: string | null,
): Promise<void> {
  await rows(tx, SAVE, [
    run.id,
    run.seq,
    run.stepCount,
    run.stateBytes,
    run.forcePlan,
    run.requestVersion,
    finishedJobId,
  ]);
}

const RETRY = {
  name: "inngest_retry",
  text: `UPDATE inngest.jobs SET attempt = attempt + 1, token = NULL, lease_until = NULL, worker = NULL,
      run_at = now() + $2::float8 * interval '1 ms',
      sort_at = now() + $2::float8 * interval '1 ms' + (sort_at - run_at)
    WHERE id = $1`,
};

const LOG = {
  name: "inngest_log_attempt",
  text: `INSERT INTO inngest.attempts
      (run_id, kind, step_id, attempt, worker, started_at, ended_at, outcome, error)
    VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp(), $7, $8)`,
};

function outcomeOf(plan: Plan): "ok" | "retry" | "failed" {
  if (plan.type === "retry") return "retry";
  return plan.type === "fail" || plan.memos.some((memo) => memo.failed) ? "failed" : "ok";
}

async function logAttempt(
  tx: PoolClient,
  job: HeldJob,
  report: CallReport,
  outcome: string,
  error: SerializedError | null,
): Promise<void> {
  await rows(tx, LOG, [
    job.runId,
    job.kind,
    job.stepId,
    job.attempt,
    report.worker,
    report.startedAt,
    outcome,
    error && JSON.stringify(error),
  ]);
}
