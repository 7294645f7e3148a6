import { escapeLiteral, type Pool, type QueryResult } from "pg";
import { rows } from "./database";
import type { HeldJob } from "./locked-run";
import type { EventPayload } from "./types";

interface ClaimedRow {
  id: string;
  token: string;
  run_id: string;
  function_id: string;
  kind: string;
  step_id: string | null;
  attempt: number;
  max_attempts: number;
}

interface ClaimOptions {
  functionIds: string[];
  limit: number;
  worker: string;
  leaseMs: number;
}

/**
 * One claim at a time in the database: that makes concurrency limits exact. Both statements travel
 * as one message, so that a process which stops in between cannot keep the lock; the second sees
 * what was committed before it got the lock. Priority moves `sort_at` by up to 600 s, so nothing
 * later can be due.
 */
function claimText(options: ClaimOptions): string {
  const ids = options.functionIds.map((id) => escapeLiteral(id)).join();
  return `SELECT pg_advisory_xact_lock(7264011);
    WITH used AS MATERIALIZED (
      SELECT k.key, count(*)::int AS n
      FROM inngest.jobs h CROSS JOIN LATERAL unnest(h.concurrency_keys) AS k(key)
      WHERE h.token IS NOT NULL AND h.lease_until >= now() GROUP BY k.key),
    ready AS MATERIALIZED (
      SELECT j.id, j.sort_at, j.concurrency_keys, j.concurrency_limits FROM inngest.jobs j
      WHERE j.token IS NULL AND j.sort_at <= now() + interval '600 s' AND j.run_at <= now()
        AND j.function_id IN (${ids})
        AND NOT EXISTS (
          SELECT FROM unnest(j.concurrency_keys, j.concurrency_limits) AS c(key, most)
          JOIN used u ON u.key = c.key WHERE u.n >= c.most)
      ORDER BY j.sort_at, j.id LIMIT ${Math.trunc(options.limit)} FOR UPDATE OF j SKIP LOCKED),
    slots AS (
      SELECT r.id, c.key, c.most, row_number() OVER (PARTITION BY c.key ORDER BY r.sort_at, r.id) AS n
      FROM ready r CROSS JOIN LATERAL unnest(r.concurrency_keys, r.concurrency_limits) AS c(key, most)),
    chosen AS (
      SELECT r.id FROM ready r WHERE NOT EXISTS (
        SELECT FROM slots s LEFT JOIN used u ON u.key = s.key
        WHERE s.id = r.id AND s.n + coalesce(u.n, 0) > s.most))
    UPDATE inngest.jobs j SET token = gen_random_uuid(), worker = ${escapeLiteral(options.worker)},
      lease_until = now() + ${Math.trunc(options.leaseMs)} * interval '1 ms'
    FROM chosen WHERE j.id = chosen.id
    RETURNING j.id, j.token, j.run_id, j.function_id, j.kind, j.step_id, j.attempt, j.max_attempts`;
}

/** Takes up to `limit` due jobs of these functions, in order of priority and age. */
export async function claimJobs(pool: Pool, options: ClaimOptions): Promise<HeldJob[]> {
  // Several statements answer a list of results, which the types of pg do not say.
  const results: unknown = await pool.query(claimText(options));
  const [, result] = results as [unknown, QueryResult<ClaimedRow>];
  return result.rows.length === 0 ? [] : loadRuns(pool, result.rows);
}

interface StateRow {
  job_id: string;
  payload: unknown;
  event: EventPayload;
  force_plan: boolean;
  request_version: number | null;
  started_at: Date;
  steps: { id: string; failed: boolean; result: unknown }[] | null;
}

const LOAD = {
  name: "inngest_load_runs",
  text: `WITH started AS (
      UPDATE inngest.runs SET status = 'running', started_at = now()
      WHERE id = ANY($2) AND status = 'queued')
    SELECT j.id AS job_id, j.payload, e.payload AS event, r.force_plan, r.request_version,
      coalesce(r.started_at, now()) AS started_at,
      CASE WHEN r.seq > 0 THEN (
        SELECT json_agg(json_build_object('id', s.id, 'failed', s.status = 'failed',
          'result', s.result) ORDER BY s.seq)
        FROM inngest.steps s WHERE s.run_id = r.id AND s.seq IS NOT NULL) END AS steps
    FROM inngest.jobs j JOIN inngest.runs r ON r.id = j.run_id
    JOIN inngest.events e ON e.internal_id = r.event_id
    WHERE j.id = ANY($1::bigint[])`,
};

async function loadRuns(pool: Pool, claimed: ClaimedRow[]): Promise<HeldJob[]> {
  const calls = claimed.filter((job) => job.kind === "discover" || job.kind === "step");
  const states = await rows<StateRow & { [key: string]: unknown }>(pool, LOAD, [
    claimed.map((job) => job.id),
    calls.map((job) => job.run_id),
  ]);
  const byId = new Map(states.map((state) => [state.job_id, state]));
  return claimed.flatMap((job) => {
    const state = byId.get(job.id);
    if (!state) return [];
    return {
      id: job.id,
      token: job.token,
      runId: job.run_id,
      functionId: job.function_id,
      kind: job.kind,
      stepId: job.step_id,
      payload: state.payload,
      attempt: job.attempt,
      maxAttempts: job.max_attempts,
      event: state.event,
      forcePlan: state.force_plan,
      requestVersion: state.request_version,
      runStartedAt: state.started_at,
      steps: state.steps ?? [],
    };
  });
}

const RECLAIM = {
  name: "inngest_reclaim",
  text: `WITH lost AS (
      SELECT id, run_id, kind, step_id, attempt, worker, lease_until FROM inngest.jobs
      WHERE token IS NOT NULL AND lease_until < now() FOR UPDATE SKIP LOCKED),
    freed AS (
      UPDATE inngest.jobs j SET token = NULL, lease_until = NULL, worker = NULL,
        attempt = j.attempt + 1
      FROM lost WHERE j.id = lost.id)
    INSERT INTO inngest.attempts
      (run_id, kind, step_id, attempt, worker, started_at, ended_at, outcome, error)
    SELECT run_id, kind, step_id, attempt, coalesce(worker, ''), lease_until, now(), 'lost',
      '{"name":"WorkerLostError","message":"The worker stopped renewing its lease."}'
    FROM lost WHERE kind IN ('discover', 'step')
    RETURNING run_id`,
};

/** Frees jobs whose worker stopped renewing the lease; the interrupted attempt counts. */
export async function reclaimExpired(pool: Pool): Promise<number> {
  return (await rows(pool, RECLAIM, [])).length;
}

const RENEW = {
  name: "inngest_renew",
  text: `UPDATE inngest.jobs j SET lease_until = now() + $3::float8 * interval '1 ms'
    FROM unnest($1::bigint[], $2::uuid[]) AS x(id, token)
    WHERE j.id = x.id AND j.token = x.token`,
};

/** Renews the leases of jobs under way. */
export async function renewLeases(
  pool: Pool,
  jobs: { id: string; token: string }[],
  leaseMs: number,
): Promise<void> {
  if (jobs.length === 0) return;
  await rows(pool, RENEW, [jobs.map((job) => job.id), jobs.map((job) => job.token), leaseMs]);
}

const RELEASE = {
  name: "inngest_release",
  text: `UPDATE inngest.jobs j SET lease_until = now() - interval '1 ms'
    FROM unnest($1::bigint[], $2::uuid[]) AS x(id, token)
    WHERE j.id = x.id AND j.token = x.token`,
};

/** Gives up jobs that did not end in time at a stop; another worker takes them at its next poll. */
export async function releaseJobs(
  pool: Pool,
  jobs: { id: string; token: string }[],
): Promise<void> {
  if (jobs.length === 0) return;
  await rows(pool, RELEASE, [jobs.map((job) => job.id), jobs.map((job) => job.token)]);
}
