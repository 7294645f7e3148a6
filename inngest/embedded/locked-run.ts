import { type Queryable, rows } from "./database";
import type { RunTraits } from "./jobs";
import type { EventPayload, RunStatus } from "./types";

/** A run whose row this transaction holds. Its counters are written back by the commit. */
export interface LockedRun extends RunTraits {
  status: RunStatus;
  seq: number;
  stepCount: number;
  stateBytes: number;
  forcePlan: boolean;
  requestVersion: number | null;
}

interface LockedRow {
  function_id: string;
  status: RunStatus;
  seq: number;
  step_count: number;
  state_bytes: string;
  force_plan: boolean;
  request_version: number | null;
  concurrency_keys: string[];
  concurrency_limits: number[];
  priority: number;
  created_at: Date;
  held: boolean | null;
}

const LOCK = {
  name: "inngest_lock_run",
  text: `WITH r AS (SELECT * FROM inngest.runs WHERE id = $1 FOR UPDATE)
    SELECT r.function_id, r.status, r.seq, r.step_count, r.state_bytes, r.force_plan,
      r.request_version, r.concurrency_keys, r.concurrency_limits, r.priority, r.created_at,
      (SELECT true FROM inngest.jobs j WHERE j.id = $2 AND j.token = $3 AND j.run_id = r.id
       FOR UPDATE) AS held
    FROM r`,
};

/**
 * Locks the run, then checks that the job is still held under this token: the fence. Undefined when
 * the lease was lost, the job is gone or the run has ended; the caller then changes nothing.
 */
export async function lockRun(
  tx: Queryable,
  place: { runId: string; jobId: string; token: string },
): Promise<LockedRun | undefined> {
  const [row] = await rows<LockedRow & { [key: string]: unknown }>(tx, LOCK, [
    place.runId,
    place.jobId,
    place.token,
  ]);
  if (!row?.held) return undefined;
  if (row.status !== "queued" && row.status !== "running") {
    // Enqueued while another transaction ended the run; nothing else would take it away.
    await tx.query("DELETE FROM inngest.jobs WHERE id = $1", [place.jobId]);
    return undefined;
  }
  return {
    id: place.runId,
    functionId: row.function_id,
    status: row.status,
    seq: row.seq,
    stepCount: row.step_count,
    stateBytes: Number(row.state_bytes),
    forcePlan: row.force_plan,
    requestVersion: row.request_version,
    concurrencyKeys: row.concurrency_keys,
    concurrencyLimits: row.concurrency_limits,
    priority: row.priority,
    createdAt: row.created_at,
  };
}

/** A job this process holds, with what a call needs. */
export interface HeldJob {
  id: string;
  token: string;
  runId: string;
  functionId: string;
  kind: string;
  stepId: string | null;
  payload: unknown;
  attempt: number;
  maxAttempts: number;
  event: EventPayload;
  forcePlan: boolean;
  requestVersion: number | null;
  runStartedAt: Date;
  /** Memo of the run in completion order. */
  steps: { id: string; failed: boolean; result: unknown }[];
}
