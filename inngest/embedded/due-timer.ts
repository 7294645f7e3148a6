import type { PoolClient } from "pg";
import { advance, excessOf, saveRun, storeMemos } from "./commit";
import { cancelRuns, concludeRuns } from "./conclude";
import type { Core } from "./core";
import { inTransaction, rows } from "./database";
import { type HeldJob, type LockedRun, lockRun } from "./locked-run";
import { routeEvents } from "./route";
import { type Memo, readError } from "./sdk-response";
import type { FunctionSpec } from "./types";

/** Does what a due timer or an arrived result stands for, if the job is still held. */
export async function commitTimer(core: Core, job: HeldJob, spec: FunctionSpec): Promise<boolean> {
  const done = await inTransaction(core.pool, async (tx) => {
    const run = await lockRun(tx, { runId: job.runId, jobId: job.id, token: job.token });
    if (!run) return false;
    if (job.kind === "finish" || job.kind === "start") await endOverdue(tx, core, run, job);
    else await endStep(tx, core, run, job, spec);
    return true;
  });
  core.wake();
  return done;
}

async function endOverdue(tx: PoolClient, core: Core, run: LockedRun, job: HeldJob): Promise<void> {
  if (job.kind === "start" && run.status !== "queued") return saveRun(tx, run, job.id);
  const registry = await core.registry.load(tx);
  const reason = `timeouts.${job.kind} passed.`;
  const caused = await cancelRuns(tx, registry, [run.id], reason);
  await routeEvents(tx, core, registry, caused, { waits: true });
}

const STEP = {
  name: "inngest_pending_step",
  text: `WITH gone AS (DELETE FROM inngest.waits WHERE run_id = $1 AND step_id = $2),
      timers AS (DELETE FROM inngest.jobs WHERE run_id = $1 AND step_id = $2 AND id <> $3)
    SELECT op, name FROM inngest.steps WHERE run_id = $1 AND id = $2 AND status = 'pending'`,
};

async function endStep(
  tx: PoolClient,
  core: Core,
  run: LockedRun,
  job: HeldJob,
  spec: FunctionSpec,
): Promise<void> {
  const stepId = job.stepId ?? "";
  const [step] = await rows<{ op: string; name: string }>(tx, STEP, [run.id, stepId, job.id]);
  if (!step) return saveRun(tx, run, job.id);
  const stored = await storeMemos(tx, run, [memoOf(job, stepId, step)]);
  const excess = excessOf(run);
  if (!excess) {
    const raced = stored.some((each) => each.race);
    return advance(tx, core, run, job, spec, { planned: [], raced });
  }
  await saveRun(tx, run, null);
  const registry = await core.registry.load(tx);
  const ending = { status: "failed", error: excess } as const;
  const caused = await concludeRuns(tx, registry, [run.id], ending);
  await routeEvents(tx, core, registry, caused, { waits: true });
}

function memoOf(job: HeldJob, id: string, step: { op: string; name: string }): Memo {
  const base = { id, op: step.op, name: step.name, race: false };
  if (job.kind === "resume") {
    const { data, error } = (job.payload ?? {}) as { data?: unknown; error?: unknown };
    return error === undefined
      ? { ...base, failed: false, json: JSON.stringify(data ?? null) }
      : { ...base, failed: true, json: JSON.stringify(readError(error)) };
  }
  if (job.kind === "timeout" && step.op === "InvokeFunction") {
    const message = "The invoked function did not end in time.";
    return { ...base, failed: true, json: JSON.stringify({ name: "InvokeTimeoutError", message }) };
  }
  return { ...base, failed: false, json: "null" };
}
