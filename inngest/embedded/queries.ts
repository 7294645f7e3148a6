import type { Pool } from "pg";
import { cancelRuns } from "./conclude";
import { createCore } from "./core";
import { inTransaction } from "./database";
import { routeEvents } from "./route";
import type { EventPayload, RunStatus, SerializedError } from "./types";

export interface RunSummary {
  id: string;
  functionId: string;
  status: RunStatus;
  /** The id the sender gave, or the internal one. */
  eventId: string;
  eventName: string;
  createdAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  error: SerializedError | null;
}

export interface RunFilter {
  functionId?: string;
  status?: RunStatus;
  /** The event's own id or the id `send()` answered. */
  eventId?: string;
  /** 1 to 200; 50 when absent. */
  limit?: number;
  /** Runs older than this run id. */
  before?: string;
}

const SUMMARY = `r.id, r.function_id AS "functionId", r.status, e.id AS "eventId",
  e.name AS "eventName", r.created_at AS "createdAt", r.started_at AS "startedAt",
  r.ended_at AS "endedAt", r.error`;

/** Runs, newest first. */
export async function listRuns(pool: Pool, filter: RunFilter = {}): Promise<RunSummary[]> {
  const { functionId = null, status = null, eventId = null, before = null } = filter;
  const limit = Math.min(200, Math.max(1, Math.trunc(filter.limit ?? 50)));
  const { rows } = await pool.query<RunSummary>(
    `SELECT ${SUMMARY} FROM inngest.runs r JOIN inngest.events e ON e.internal_id = r.event_id
     WHERE ($1::text IS NULL OR r.function_id = $1) AND ($2::text IS NULL OR r.status = $2)
       AND ($3::text IS NULL OR r.event_id IN (
         SELECT internal_id FROM inngest.events WHERE internal_id = $3 OR id = $3))
       AND ($4::text IS NULL OR r.id < $4)
     ORDER BY r.id DESC LIMIT $5`,
    [functionId, status, eventId, before, limit],
  );
  return rows;
}

export interface RunDetail extends RunSummary {
  event: EventPayload;
  output: unknown;
  /** In completion order, pending ones last. */
  steps: {
    id: string;
    name: string;
    op: string;
    status: "pending" | "completed" | "failed";
    result: unknown;
    createdAt: Date;
    endedAt: Date | null;
  }[];
  attempts: {
    kind: "discover" | "step";
    stepId: string | null;
    attempt: number;
    worker: string;
    startedAt: Date;
    endedAt: Date;
    outcome: "ok" | "retry" | "failed" | "lost";
    error: SerializedError | null;
  }[];
}

/** One run with its steps and attempts; undefined when there is none. */
export async function getRun(pool: Pool, runId: string): Promise<RunDetail | undefined> {
  const [run, steps, attempts] = await Promise.all([
    pool.query<RunSummary & { event: EventPayload; output: unknown }>(
      `SELECT ${SUMMARY}, e.payload AS event, r.output
       FROM inngest.runs r JOIN inngest.events e ON e.internal_id = r.event_id WHERE r.id = $1`,
      [runId],
    ),
    pool.query<RunDetail["steps"][number]>(
      `SELECT id, name, op, status, result, created_at AS "createdAt", ended_at AS "endedAt"
       FROM inngest.steps WHERE run_id = $1 ORDER BY seq NULLS LAST, created_at`,
      [runId],
    ),
    pool.query<RunDetail["attempts"][number]>(
      `SELECT kind, step_id AS "stepId", attempt, worker, started_at AS "startedAt",
         ended_at AS "endedAt", outcome, error
       FROM inngest.attempts WHERE run_id = $1 ORDER BY id`,
      [runId],
    ),
  ]);
  return run.rows[0] && { ...run.rows[0], steps: steps.rows, attempts: attempts.rows };
}

/**
 * Cancels a run; a step under way is not interrupted, but its result is left out.
 * Answers false when the run has ended or does not exist.
 */
export async function cancelRun(pool: Pool, runId: string): Promise<boolean> {
  const core = createCore(pool);
  return inTransaction(pool, async (tx) => {
    const registry = await core.registry.load(tx);
    const caused = await cancelRuns(tx, registry, [runId], "Cancelled on request.");
    await routeEvents(tx, core, registry, caused, { waits: true });
    const { rows } = await tx.query<{ cancelled: boolean }>(
      "SELECT status = 'cancelled' AND ended_at >= now() AS cancelled FROM inngest.runs WHERE id = $1",
      [runId],
    );
    return rows[0]?.cancelled ?? false;
  });
}

export interface QueueCounts {
  /** Due and not taken. */
  ready: number;
  /** Due later: sleeps, timeouts, backoff. */
  scheduled: number;
  /** Held by a worker. */
  running: number;
}

export async function countQueue(pool: Pool): Promise<QueueCounts> {
  const { rows } = await pool.query<QueueCounts>(
    `SELECT count(*) FILTER (WHERE token IS NULL AND run_at <= now())::int AS ready,
       count(*) FILTER (WHERE token IS NULL AND run_at > now())::int AS scheduled,
       count(*) FILTER (WHERE token IS NOT NULL)::int AS running
     FROM inngest.jobs`,
  );
  return rows[0] ?? { ready: 0, scheduled: 0, running: 0 };
}
