import type { PoolClient } from "pg";
import { rows } from "./database";
import { internalEvent } from "./incoming";
import { enqueue, timerJob } from "./jobs";
import type { Registry } from "./registry";
import { storeEvents } from "./store-events";
import type { EventPayload, SerializedError, StoredEvent } from "./types";

const FINISHED = "inngest/function.finished";
const FAILED = "inngest/function.failed";
const CANCELLED = "inngest/function.cancelled";
const EMITTED = [FINISHED, FAILED, CANCELLED];

/** How a run ended. */
export type Ending =
  | { status: "completed"; output: unknown }
  | { status: "failed" | "cancelled"; error: SerializedError };

interface EndedRun {
  id: string;
  function_id: string;
  event_id: string;
  parent_run_id: string | null;
  parent_step_id: string | null;
  parent_function_id: string | null;
}

const END = {
  name: "inngest_end",
  text: `WITH target AS (
      SELECT id FROM inngest.runs WHERE id = ANY($1) AND status IN ('queued', 'running')
      ORDER BY id FOR UPDATE),
    ended AS (
      UPDATE inngest.runs r SET status = $2, output = $3, error = $4, ended_at = clock_timestamp()
      FROM target t WHERE r.id = t.id
      RETURNING r.id, r.function_id, r.event_id, r.parent_run_id, r.parent_step_id),
    jobs AS (DELETE FROM inngest.jobs j USING target t WHERE j.run_id = t.id),
    waits AS (DELETE FROM inngest.waits w USING target t WHERE w.run_id = t.id)
    SELECT e.*, p.function_id AS parent_function_id
    FROM ended e LEFT JOIN inngest.runs p ON p.id = e.parent_run_id AND p.status = 'running'`,
};

const WAITED_FOR = {
  name: "inngest_waited_for",
  text: "SELECT DISTINCT event FROM inngest.waits WHERE event = ANY($1)",
};

const TRIGGER_EVENTS = {
  name: "inngest_trigger_events",
  text: "SELECT internal_id, payload FROM inngest.events WHERE internal_id = ANY($1)",
};

/** Cancels those of the runs that have not ended. Answers the events this causes, not yet routed. */
export async function cancelRuns(
  tx: PoolClient,
  registry: Registry,
  runIds: string[],
  reason: string,
): Promise<StoredEvent[]> {
  if (runIds.length === 0) return [];
  const error = { name: "FunctionCancelledError", message: reason };
  return concludeRuns(tx, registry, runIds, { status: "cancelled", error });
}

/**
 * Ends runs: status, output, their jobs and waits away, the invoking runs resumed. Runs that have
 * already ended stay as they are. Answers stored events for the caller to route.
 */
export async function concludeRuns(
  tx: PoolClient,
  registry: Registry,
  runIds: string[],
  ending: Ending,
): Promise<StoredEvent[]> {
  const ended = await rows<EndedRun>(tx, END, [
    runIds,
    ending.status,
    ending.status === "completed" ? JSON.stringify(ending.output ?? null) : null,
    ending.status === "completed" ? null : JSON.stringify(ending.error),
  ]);
  await enqueue(
    tx,
    ended.flatMap((run) => resumeParent(run, ending)),
  );
  return emitEvents(tx, registry, ended, ending);
}

function resumeParent(run: EndedRun, ending: Ending) {
  if (!run.parent_run_id || !run.parent_step_id || !run.parent_function_id) return [];
  const parent = { id: run.parent_run_id, functionId: run.parent_function_id };
  const payload =
    ending.status === "completed" ? { data: ending.output ?? null } : { error: ending.error };
  return [timerJob(parent, "resume", { stepId: run.parent_step_id, delayMs: 0, payload })];
}

/** Writes the engine's own events, but only those that a function or a run listens to. */
async function emitEvents(
  tx: PoolClient,
  registry: Registry,
  ended: EndedRun[],
  ending: Ending,
): Promise<StoredEvent[]> {
  if (ended.length === 0) return [];
  const waited = await rows<{ event: string }>(tx, WAITED_FOR, [EMITTED]);
  const heard = EMITTED.filter(
    (name) => registry.listeners(name).length > 0 || waited.some((row) => row.event === name),
  );
  if (heard.length === 0) return [];
  const triggers = await rows<{ internal_id: string; payload: EventPayload }>(tx, TRIGGER_EVENTS, [
    ended.map((run) => run.event_id),
  ]);
  const events = ended.flatMap((run) => {
    const event = triggers.find((row) => row.internal_id === run.event_id)?.payload;
    return event ? eventsOf(run, event, ending, heard) : [];
  });
  return storeEvents(tx, events, () => true);
}

function eventsOf(
  run: EndedRun,
  event: EventPayload,
  ending: Ending,
  heard: string[],
): StoredEvent[] {
  // A function on these events must not set itself off.
  if (EMITTED.includes(event.name)) return [];
  const about = { function_id: run.function_id, run_id: run.id, event, events: [event] };
  const outcome =
    ending.status === "completed" ? { result: ending.output ?? null } : { error: ending.error };
  const names = {
    completed: [FINISHED],
    failed: [FAILED, FINISHED],
    cancelled: [CANCELLED, FINISHED],
  }[ending.status];
  return names
    .filter((name) => heard.includes(name))
    .map((name) =>
      internalEvent(name, { ...about, ...outcome }, name === FAILED ? run.id : undefined),
    );
}
