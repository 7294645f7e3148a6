import { setTimeout as sleep } from "node:timers/promises";
import { callFunction, type Handler } from "./call";
import { type CallReport, commitPlan } from "./commit";
import type { Core } from "./core";
import { commitTimer } from "./due-timer";
import { enqueue, timerJob } from "./jobs";
import type { HeldJob } from "./locked-run";
import { type Plan, planResponse } from "./plan-response";
import type { FunctionSpec } from "./types";

/** What performing jobs takes besides the job. */
export interface Performer {
  core: Core;
  handler: Handler;
  signingKey: string;
  worker: string;
  specs: ReadonlyMap<string, FunctionSpec>;
  retryDelayMs: (attempt: number) => number;
}

const COMMIT_TRIES_MAX = 5;

/** Performs one held job to its commit. A job whose lease was lost leaves no trace. */
export async function performJob(performer: Performer, job: HeldJob): Promise<void> {
  const { core } = performer;
  const spec = performer.specs.get(job.functionId);
  if (!spec) return;
  if (job.kind !== "discover" && job.kind !== "step") {
    await withRetries(core, () => commitTimer(core, job, spec));
    return;
  }
  const report: CallReport = {
    spec,
    worker: performer.worker,
    startedAt: new Date(),
    retryDelayMs: performer.retryDelayMs(job.attempt),
  };
  const plan = await planOf(performer, job, report);
  const done = await commitOrFail(core, job, plan, report);
  if (!done) {
    core.log.warn({ runId: job.runId, stepId: job.stepId }, "a late result was left out");
  }
}

async function planOf(performer: Performer, job: HeldJob, report: CallReport): Promise<Plan> {
  // The last attempt ended with its worker: there is no answer to read and none to hope for.
  if (job.attempt >= job.maxAttempts) return planLost(job);
  const { finishTimeoutMs } = report.spec;
  if (finishTimeoutMs !== undefined) {
    const delayMs = job.runStartedAt.getTime() + finishTimeoutMs - Date.now();
    const run = { id: job.runId, functionId: job.functionId };
    await enqueue(performer.core.pool, [
      timerJob(run, "finish", { delayMs: Math.max(0, delayMs) }),
    ]);
  }
  const response = await callFunction(performer.handler, performer.signingKey, job);
  report.requestVersion = response.requestVersion;
  if (response.status === 401) {
    performer.core.log.error({ runId: job.runId }, "the Inngest SDK refused the signature");
  }
  return planResponse(response, job.attempt + 1 >= job.maxAttempts);
}

function planLost(job: HeldJob): Plan {
  const error = {
    name: "WorkerLostError",
    message: `The worker ended during each of ${job.maxAttempts} attempts.`,
  };
  if (job.stepId === null) return { type: "fail", memos: [], error };
  const memo = { id: job.stepId, op: "StepRun", name: job.stepId, race: false };
  return {
    type: "advance",
    memos: [{ ...memo, failed: true, json: JSON.stringify(error) }],
    planned: [],
  };
}

/** A plan the database refuses (a value it cannot hold) fails the run instead of blocking it. */
async function commitOrFail(
  core: Core,
  job: HeldJob,
  plan: Plan,
  report: CallReport,
): Promise<boolean> {
  try {
    return await withRetries(core, () => commitPlan(core, job, plan, report));
  } catch (error) {
    core.log.error({ err: error, runId: job.runId }, "a result could not be stored");
    const message = `The result could not be stored: ${error instanceof Error ? error.message : error}`;
    const failure: Plan = { type: "fail", memos: [], error: { name: "CommitError", message } };
    return commitPlan(core, job, failure, report);
  }
}

async function withRetries<T>(core: Core, commit: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await commit();
    } catch (error) {
      if (attempt >= COMMIT_TRIES_MAX) throw error;
      core.log.warn({ err: error, attempt }, "a commit failed and is tried again");
      await sleep(100 * 2 ** attempt * Math.random());
    }
  }
}
