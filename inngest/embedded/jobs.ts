import type { Queryable } from "./database";
import { rows } from "./database";
import type { JobKind } from "./types";

/** A job to enqueue. */
export interface NewJob {
  dedupe: string;
  run_id: string;
  function_id: string;
  kind: JobKind;
  step_id?: string | null;
  /** JSON as text: Postgres cannot take text out of JSON that holds U+0000. */
  payload?: string;
  /** Milliseconds from now. */
  delay_ms: number;
  /** The run's creation for work due now, so that older runs end before newer ones begin. */
  since: Date | null;
  priority: number;
  max_attempts: number;
  concurrency_keys: string[];
  concurrency_limits: number[];
}

const INSERT = {
  name: "inngest_enqueue",
  text: `INSERT INTO inngest.jobs (dedupe, run_id, function_id, kind, step_id, payload, run_at, sort_at,
      max_attempts, concurrency_keys, concurrency_limits)
    SELECT x.dedupe, x.run_id, x.function_id, x.kind, x.step_id, x.payload::json,
      clock_timestamp() + x.delay_ms * interval '1 ms',
      least(x.since, clock_timestamp()) + x.delay_ms * interval '1 ms' - x.priority * interval '1 s',
      x.max_attempts, x.concurrency_keys, x.concurrency_limits
    FROM json_to_recordset($1::json) AS x(dedupe text, run_id text, function_id text, kind text,
      step_id text, payload text, delay_ms float8, since timestamptz, priority int, max_attempts int,
      concurrency_keys text[], concurrency_limits int[])
    ON CONFLICT (dedupe) DO NOTHING`,
};

/** Enqueues jobs; one whose dedupe key is known is left as it is. */
export async function enqueue(tx: Queryable, jobs: NewJob[]): Promise<void> {
  if (jobs.length > 0) await rows(tx, INSERT, [JSON.stringify(jobs)]);
}

/** What a run hands to all its jobs. */
export interface RunTraits {
  id: string;
  functionId: string;
  priority: number;
  concurrencyKeys: string[];
  concurrencyLimits: number[];
  createdAt: Date | null;
}

/** A job that calls the function; it takes the run's concurrency slots. */
export function callJob(
  run: RunTraits,
  maxAttempts: number,
  place: { dedupe: string; stepId?: string; delayMs?: number },
): NewJob {
  return {
    dedupe: `${run.id}:${place.dedupe}`,
    run_id: run.id,
    function_id: run.functionId,
    kind: place.stepId === undefined ? "discover" : "step",
    step_id: place.stepId ?? null,
    delay_ms: place.delayMs ?? 0,
    since: place.delayMs ? null : run.createdAt,
    priority: run.priority,
    max_attempts: maxAttempts,
    concurrency_keys: run.concurrencyKeys,
    concurrency_limits: run.concurrencyLimits,
  };
}

/** A job that calls nothing: a timer or a result that arrived. */
export function timerJob(
  run: { id: string; functionId: string },
  kind: Exclude<JobKind, "discover" | "step">,
  place: { stepId?: string; delayMs: number; payload?: object },
): NewJob {
  return {
    dedupe: `${run.id}:${kind}:${place.stepId ?? ""}`,
    run_id: run.id,
    function_id: run.functionId,
    kind,
    step_id: place.stepId ?? null,
    payload: place.payload && JSON.stringify(place.payload),
    delay_ms: place.delayMs,
    since: null,
    priority: 0,
    max_attempts: 1,
    concurrency_keys: [],
    concurrency_limits: [],
  };
}
