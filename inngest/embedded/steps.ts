import { type Queryable, rows } from "./database";
import type { Memo, PlannedStep } from "./sdk-response";

const MEMOIZE = {
  name: "inngest_memoize",
  text: `INSERT INTO inngest.steps AS s (run_id, id, op, name, status, seq, result, race, ended_at)
    SELECT $1, x.id, x.op, x.name, x.status, $2::int + x.place - 1, x.result, x.race, clock_timestamp()
    FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::json[], $8::bool[])
      WITH ORDINALITY AS x(id, op, name, status, result, race, place)
    ON CONFLICT (run_id, id) DO UPDATE SET status = excluded.status, seq = excluded.seq,
      result = excluded.result, ended_at = excluded.ended_at
    WHERE s.status = 'pending'
    RETURNING s.id, s.race, (s.xmax = 0) AS inserted`,
};

interface Memoized {
  id: string;
  race: boolean;
  /** False when the step had been planned before. */
  inserted: boolean;
}

/** Stores ended steps from place `seq` on. A step that has a memo keeps it and is left out. */
export async function memoize(
  tx: Queryable,
  runId: string,
  seq: number,
  memos: Memo[],
): Promise<Memoized[]> {
  if (memos.length === 0) return [];
  return rows<Memoized & { [key: string]: unknown }>(tx, MEMOIZE, [
    runId,
    seq,
    memos.map((memo) => memo.id),
    memos.map((memo) => memo.op),
    memos.map((memo) => memo.name),
    memos.map((memo) => (memo.failed ? "failed" : "completed")),
    memos.map((memo) => memo.json),
    memos.map((memo) => memo.race),
  ]);
}

const PLAN = {
  name: "inngest_plan",
  text: `INSERT INTO inngest.steps (run_id, id, op, name, status, race)
    SELECT $1, x.id, x.op, x.name, 'pending', x.race
    FROM unnest($2::text[], $3::text[], $4::text[], $5::bool[]) AS x(id, op, name, race)
    ON CONFLICT (run_id, id) DO NOTHING RETURNING id`,
};

/** Records reported steps; answers those that are new. A later discovery reports the old ones again. */
export async function recordPlanned(
  tx: Queryable,
  runId: string,
  planned: PlannedStep[],
): Promise<PlannedStep[]> {
  if (planned.length === 0) return [];
  const inserted = await rows<{ id: string }>(tx, PLAN, [
    runId,
    planned.map((step) => step.id),
    planned.map((step) => step.op),
    planned.map((step) => step.name),
    planned.map((step) => step.race),
  ]);
  const fresh = new Set(inserted.map((row) => row.id));
  return planned.filter((step) => fresh.has(step.id));
}

/** What else is under way for a run. */
interface Outstanding {
  /** Steps without a memo. */
  steps: boolean;
  /** Those among them that the function cannot go on without: the others run a race. */
  blocking: boolean;
  /** Calls that may report further steps. */
  discoveries: boolean;
}

const OUTSTANDING = {
  name: "inngest_outstanding",
  text: `SELECT count(*) > 0 AS steps, count(*) FILTER (WHERE NOT race) > 0 AS blocking,
      EXISTS (SELECT FROM inngest.jobs WHERE run_id = $1 AND kind = 'discover' AND id <> $2)
        AS discoveries
    FROM inngest.steps WHERE run_id = $1 AND status = 'pending'`,
};

/** What is under way for a run besides job `jobId`. */
export async function outstanding(
  tx: Queryable,
  runId: string,
  jobId: string,
): Promise<Outstanding> {
  const [row] = await rows<Outstanding & { [key: string]: unknown }>(tx, OUTSTANDING, [
    runId,
    jobId,
  ]);
  return row ?? { steps: false, blocking: false, discoveries: false };
}
