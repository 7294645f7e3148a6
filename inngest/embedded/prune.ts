import type { Pool } from "pg";

/** Rows one pass deletes, so that a long backlog does not hold locks for long. */
const BATCH = 1000;

/**
 * Deletes ended runs older than `retentionMs` with their steps and attempts, the events no run
 * refers to, and expired keys and waits.
 */
export async function prune(pool: Pool, retentionMs: number): Promise<void> {
  await pool.query(
    `DELETE FROM inngest.runs WHERE id IN (
       SELECT id FROM inngest.runs WHERE ended_at < now() - $1::float8 * interval '1 ms'
       LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
    [retentionMs],
  );
  await pool.query(
    `DELETE FROM inngest.events WHERE internal_id IN (
       SELECT e.internal_id FROM inngest.events e
       WHERE e.received_at < now() - $1::float8 * interval '1 ms'
         AND NOT EXISTS (SELECT FROM inngest.runs r WHERE r.event_id = e.internal_id)
       LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
    [retentionMs],
  );
  await pool.query("DELETE FROM inngest.once_keys WHERE expires_at < now()");
  await pool.query("DELETE FROM inngest.waits WHERE expires_at < now()");
}
