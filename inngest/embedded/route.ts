import type { PoolClient } from "pg";
import { cancelRuns } from "./conclude";
import type { Core } from "./core";
import { rows } from "./database";
import { compileExpression, evaluate } from "./expression";
import { textLeaves } from "./expression-equality";
import { enqueue, timerJob } from "./jobs";
import type { Registry } from "./registry";
import { type Start, startRuns } from "./start-runs";
import type { EventPayload, StoredEvent } from "./types";

interface WaitRow {
  id: string;
  run_id: string;
  step_id: string | null;
  function_id: string;
  event: string;
  expression: string | null;
  context: EventPayload;
}

const MATCHING = {
  name: "inngest_waits",
  text: `SELECT w.id, w.run_id, w.step_id, r.function_id, w.event, w.expression, e.payload AS context
    FROM inngest.waits w
    JOIN inngest.runs r ON r.id = w.run_id
    JOIN inngest.events e ON e.internal_id = r.event_id
    WHERE w.event = ANY($1) AND w.expires_at > now()
      AND (w.equality IS NULL OR $2::text[] IS NULL OR w.equality = ANY($2))
    ORDER BY w.id`,
};

/** In id order, as every locker of several waits does. Of two events that match, one gets the wait. */
const CONSUME = {
  name: "inngest_consume",
  text: `DELETE FROM inngest.waits WHERE id IN (
      SELECT id FROM inngest.waits WHERE id = ANY($1) ORDER BY id FOR UPDATE)
    RETURNING id`,
};

/**
 * Offers stored events to the runs that wait (when `waits`) and to the functions that listen,
 * and so on for the events this itself causes. Events in one call take effect in their order.
 */
export async function routeEvents(
  tx: PoolClient,
  core: Core,
  registry: Registry,
  events: StoredEvent[],
  options: { waits: boolean },
): Promise<void> {
  let queue = events;
  let { waits } = options;
  while (queue.length > 0) {
    const caused = waits ? await matchWaits(tx, core, registry, queue) : [];
    caused.push(...(await matchTriggers(tx, core, registry, queue)));
    queue = caused;
    waits = true;
  }
}

async function matchWaits(
  tx: PoolClient,
  core: Core,
  registry: Registry,
  events: StoredEvent[],
): Promise<StoredEvent[]> {
  const leaves = events.map((event) => textLeaves(event.payload));
  const candidates = await rows<WaitRow>(tx, MATCHING, [
    [...new Set(events.map((event) => event.payload.name))],
    leaves.some((list) => list === null) ? null : [...new Set(leaves.flat())],
  ]);
  const matched = candidates.flatMap((wait) => {
    const event = events.find((each) => accepts(core, wait, each.payload));
    return event ? [{ wait, event }] : [];
  });
  await resumeWaiting(
    tx,
    matched.filter(({ wait }) => wait.step_id !== null),
  );
  const cancelled = matched.filter(({ wait }) => wait.step_id === null);
  const runIds = [...new Set(cancelled.map(({ wait }) => wait.run_id))];
  return cancelRuns(tx, registry, runIds, "An event of cancelOn arrived.");
}

async function resumeWaiting(
  tx: PoolClient,
  matched: { wait: WaitRow; event: StoredEvent }[],
): Promise<void> {
  if (matched.length === 0) return;
  const consumed = await rows<{ id: string }>(tx, CONSUME, [matched.map(({ wait }) => wait.id)]);
  const ids = new Set(consumed.map((row) => row.id));
  await enqueue(
    tx,
    matched
      .filter(({ wait }) => ids.has(wait.id))
      .map(({ wait, event }) =>
        timerJob({ id: wait.run_id, functionId: wait.function_id }, "resume", {
          stepId: wait.step_id ?? "",
          delayMs: 0,
          payload: { data: event.payload },
        }),
      ),
  );
}

function accepts(core: Core, wait: WaitRow, event: EventPayload): boolean {
  if (wait.event !== event.name) return false;
  if (wait.expression === null) return true;
  try {
    const compiled = compileExpression(wait.expression, ["event", "async"]);
    return evaluate(compiled, { event: wait.context, async: event }) === true;
  } catch (error) {
    core.log.error({ error, runId: wait.run_id }, "an expression of a wait cannot be evaluated");
    return false;
  }
}

async function matchTriggers(
  tx: PoolClient,
  core: Core,
  registry: Registry,
  events: StoredEvent[],
): Promise<StoredEvent[]> {
  const starts: Start[] = [];
  for (const event of events) {
    const listeners = registry.listeners(event.payload.name).filter(({ trigger }) => {
      if (trigger.expression === undefined) return true;
      const compiled = compileExpression(trigger.expression, ["event"]);
      return evaluate(compiled, { event: event.payload }) === true;
    });
    // Two triggers of one function that both match start it once.
    for (const spec of new Set(listeners.map((each) => each.spec))) starts.push({ spec, event });
  }
  const { caused } = await startRuns(tx, core, registry, starts);
  return caused;
}
