import type { PoolClient } from "pg";
import type { Core } from "./core";
import { rows } from "./database";
import { equalityOf } from "./expression-equality";
import { internalEvent } from "./incoming";
import { callJob, enqueue, timerJob } from "./jobs";
import type { LockedRun } from "./locked-run";
import type { Action, PlannedStep } from "./sdk-response";
import { startRuns } from "./start-runs";
import { storeEvents } from "./store-events";
import type { EventPayload, FunctionSpec, StoredEvent } from "./types";
import { insertWaits } from "./waits";

/** Starts what a newly reported step waits for. Answers events that this caused. */
export async function openStep(
  tx: PoolClient,
  core: Core,
  run: LockedRun,
  spec: FunctionSpec,
  step: PlannedStep,
): Promise<StoredEvent[]> {
  const { action } = step;
  switch (action.type) {
    case "call":
      await enqueue(tx, [
        callJob(run, spec.maxAttempts, { dedupe: `step:${step.id}`, stepId: step.id }),
      ]);
      return [];
    case "sleep":
      await enqueue(tx, [timerJob(run, "sleep", { stepId: step.id, delayMs: action.delayMs })]);
      return [];
    case "event":
      await waitForEvent(tx, run, step.id, action);
      return [];
    case "invoke":
      return invoke(tx, core, run, step.id, action);
  }
}

const CONTEXT = {
  name: "inngest_run_event",
  text: `SELECT e.payload FROM inngest.runs r JOIN inngest.events e ON e.internal_id = r.event_id
    WHERE r.id = $1`,
};

async function waitForEvent(
  tx: PoolClient,
  run: LockedRun,
  stepId: string,
  action: Extract<Action, { type: "event" }>,
): Promise<void> {
  let equality: string | null = null;
  if (action.expression !== null) {
    const [context] = await rows<{ payload: EventPayload }>(tx, CONTEXT, [run.id]);
    equality = equalityOf(action.expression, context?.payload);
  }
  await insertWaits(tx, [
    {
      run_id: run.id,
      step_id: stepId,
      event: action.event,
      expression: action.expression,
      equality,
      delay_ms: action.timeoutMs,
    },
  ]);
  await enqueue(tx, [timerJob(run, "timeout", { stepId, delayMs: action.timeoutMs })]);
}

async function invoke(
  tx: PoolClient,
  core: Core,
  run: LockedRun,
  stepId: string,
  action: Extract<Action, { type: "invoke" }>,
): Promise<StoredEvent[]> {
  const registry = await core.registry.load(tx);
  const spec = registry.get(action.functionId);
  const fail = (message: string) =>
    enqueue(tx, [
      timerJob(run, "resume", {
        stepId,
        delayMs: 0,
        payload: { error: { name: "InvokeError", message } },
      }),
    ]);
  if (!spec) {
    await fail(`There is no function "${action.functionId}" to invoke.`);
    return [];
  }
  const event = await storeInvocation(tx, run, stepId, action);
  const { caused, skipped } = await startRuns(tx, core, registry, [
    { spec, event, parent: { runId: run.id, stepId } },
  ]);
  if (skipped.length > 0) {
    await fail(
      `"${spec.id}" did not start: its idempotency key, rate limit or singleton forbids it.`,
    );
  } else {
    await enqueue(tx, [timerJob(run, "timeout", { stepId, delayMs: action.timeoutMs })]);
  }
  return caused;
}

async function storeInvocation(
  tx: PoolClient,
  run: LockedRun,
  stepId: string,
  action: Extract<Action, { type: "invoke" }>,
): Promise<StoredEvent> {
  const { data, ...rest } = action.payload;
  const event = internalEvent("inngest/function.invoked", {
    ...(typeof data === "object" && data !== null ? data : {}),
    _inngest: { fn_id: action.functionId, correlation_id: `${run.id}.${stepId}` },
  });
  if (rest.v !== undefined) event.payload.v = rest.v;
  if (rest.meta !== undefined) event.payload.meta = rest.meta;
  await storeEvents(tx, [event], () => true);
  return event;
}
