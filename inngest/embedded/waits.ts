import { type Queryable, rows } from "./database";

/** A wait for an event; `step_id` null cancels the run instead of resuming it. */
interface NewWait {
  run_id: string;
  step_id: string | null;
  event: string;
  expression: string | null;
  equality: string | null;
  /** Milliseconds from now until it expires. */
  delay_ms: number;
}

const INSERT = {
  name: "inngest_insert_waits",
  text: `INSERT INTO inngest.waits (run_id, step_id, event, expression, equality, expires_at)
    SELECT x.run_id, x.step_id, x.event, x.expression, x.equality,
      now() + x.delay_ms * interval '1 ms'
    FROM json_to_recordset($1::json) AS x(run_id text, step_id text, event text, expression text,
      equality text, delay_ms float8)`,
};

export async function insertWaits(tx: Queryable, waits: NewWait[]): Promise<void> {
  if (waits.length > 0) await rows(tx, INSERT, [JSON.stringify(waits)]);
}
